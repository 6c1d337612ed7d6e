// Package simulation plays a site, alone or for the time of a command that reads it.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/terminal"
)

// Command returns the command simulate.
func Command() *cobra.Command {
	var (
		o      simulate.Options
		listen string
		faults []string
		attack string
	)
	cmd := &cobra.Command{
		Use:   "simulate [flags] [-- command [arguments]]",
		Short: "play a Confluence, a Jira or an organization to try things out with",
		Long: `Answers as Confluence or Jira does, as an organization's audit log, or as a site that has both or all three, with made-up records, until Ctrl-C. It serves site, gateway and token endpoint at one address.

With --attack it plays ordinary work and, in the minutes before it starts, an attack that the rules in detections/ find.

With a command, it runs that one with address and credential in the environment (CONFLUENCE_API_URL, JIRA_API_URL, ORGANIZATION_API_URL and so on), and ends with it. The command is one of this tool's, or any other. If the site has several logs, the variables of all are set; this tool's commands then read the log of Confluence, unless they have --product.`,
		Example: `  confluence-audit simulate
  confluence-audit simulate --fault list
  confluence-audit simulate --deployment datacenter -- check
  confluence-audit simulate --attack list
  confluence-audit simulate --product both --attack export
  confluence-audit simulate --product both
  confluence-audit simulate --product organization -- check
  confluence-audit simulate --fault free-plan -- check
  confluence-audit simulate -- fluent-bit -e build/in_confluence.so -c fluent-bit.conf`,
		Annotations: map[string]string{cli.FailedMeans: "it cannot serve, or the command behind -- has failed", cli.OKMeans: "all went well, or Ctrl-C has ended it"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return cli.UsageError("%q is no flag: a command comes behind --", args[0])
			}
			return nil
		},
	}
	flags := cmd.Flags()
	cli.TextVar(cmd, &listen, "listen", "127.0.0.1:8080", "<address>", "Where to listen, a port of 0 takes any.")
	cli.TextVar(cmd, &o.Deployment, "deployment", simulate.Cloud, "cloud|datacenter", "Kind of site.")
	cli.TextVar(cmd, &o.Product, "product", simulate.Confluence, "confluence|jira|organization|both|all", "What the site has.")
	cli.TextVar(cmd, &o.ContextPath, "context-path", "", "<path>", "Path in front of all, such as /confluence, Data Center only; with both products they are /confluence and /jira.")
	flags.Uint64Var(&o.Seed, "seed", 1, "The same number makes the same records.")
	flags.IntVar(&o.Records, "records", 1000, "Records at the start.")
	cli.DurationVar(cmd, &o.History, "history", "24h", "How far back they reach.")
	flags.Float64Var(&o.Rate, "rate", 1, "New records per second; with --attack 0.02, if not given.")
	flags.Float64Var(&o.Late, "late", 0, "Share of new records that show up late, 0 to 1.")
	cli.DurationVar(cmd, &o.LateBy, "late-by", "5m", "How late at most; on Jira Data Center 10s, if not given.")
	flags.Float64Var(&o.Backdated, "backdated", 0, "Share of new records that are written with a time long past, 0 to 1.")
	flags.Float64Var(&o.Twins, "twins", 0, "Share of records that have an identical twin, 0 to 1.")
	flags.IntVar(&o.PageCap, "page-cap", 0, "Records per page at most, 0 for as many as are asked for.")
	flags.StringArrayVar(&faults, "fault", nil, "Misbehave, such as free-plan, rate-limit or page-cap=100; can be given several times, --fault list explains all kinds.")
	_ = cmd.RegisterFlagCompletionFunc("deployment", cobra.FixedCompletions([]string{simulate.Cloud, simulate.DataCenter}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("product", cobra.FixedCompletions(simulations, cobra.ShellCompDirectiveNoFileComp))
	cli.TextVar(cmd, &attack, "attack", "", "<name>", "Play ordinary work with this attack, or with none; --attack list explains all.")
	_ = cmd.RegisterFlagCompletionFunc("fault", completeFaults)
	_ = cmd.RegisterFlagCompletionFunc("attack", completeAttacks)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if slices.Equal(faults, []string{"list"}) {
			listFaults(terminal.On(cmd.OutOrStdout()))
			return nil
		}
		if attack == "list" {
			listAttacks(terminal.On(cmd.OutOrStdout()))
			return nil
		}
		if o.Ordinary = attack != ""; o.Ordinary && !cmd.Flags().Changed("rate") {
			o.Rate = ordinaryRate
		}
		if attack != noAttack {
			o.Attack = attack
		}
		if !cmd.Flags().Changed("late-by") {
			o.LateBy = 0 // the simulator knows what fits the product
		}
		return simulateSite(cmd, o, listen, faults, args)
	}
	return cmd
}

// listFaults explains each kind of fault.
func listFaults(s terminal.Screen) {
	for _, kind := range simulate.FaultKinds() {
		name := fmt.Sprintf("%-18s", kind)
		s.Hang(s.Paint(terminal.Cyan, name), len(name), simulate.FaultText(kind))
	}
}

// completeFaults completes the kind of a fault.
func completeFaults(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var kinds []cobra.Completion
	for _, kind := range simulate.FaultKinds() {
		kinds = append(kinds, cobra.CompletionWithDesc(string(kind), simulate.FaultText(kind)))
	}
	return kinds, cobra.ShellCompDirectiveNoFileComp
}

// simulateSite serves a site until Ctrl-C, or until the command that reads it has ended.
func simulateSite(cmd *cobra.Command, o simulate.Options, listen string, misbehave, command []string) error {
	ctx := cmd.Context()
	if err := checkSimulation(o); err != nil {
		return err
	}
	var faults []simulate.Fault
	for _, text := range misbehave {
		kind, value, _ := strings.Cut(text, "=")
		faults = append(faults, simulate.Fault{Kind: simulate.FaultKind(kind), Value: value})
	}
	site, handler := Play(o)
	for _, p := range site {
		if err := p.Simulator.SetFaults(faults...); err != nil {
			return cli.UsageError("--fault: %v", err)
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --listen", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer server.Close()
	url := "http://" + listener.Addr().String()
	if len(command) > 0 {
		// It serves until the command has ended, which may still send requests after Ctrl-C.
		go func() { _ = server.Serve(listener) }()
		return runBeside(cmd, command, environment(site, url))
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	introduce(cmd.OutOrStdout(), site, url)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func checkSimulation(o simulate.Options) error {
	if o.Deployment != simulate.Cloud && o.Deployment != simulate.DataCenter {
		return cli.UsageError("--deployment %q: want cloud or datacenter", o.Deployment)
	}
	if !slices.Contains(simulations, o.Product) {
		return cli.UsageError("--product %q: want one of %s", o.Product, strings.Join(simulations, ", "))
	}
	if o.Product != simulate.Confluence && o.Product != simulate.Jira && o.ContextPath != "" {
		return cli.UsageError("--context-path and --product %s do not go together: with both products the paths are /confluence and /jira", o.Product)
	}
	if (o.Product == simulate.Organization || o.Product == allLogs) && o.Deployment != simulate.Cloud {
		return cli.UsageError("--product %s and --deployment %s do not go together: an organization is on Cloud", o.Product, o.Deployment)
	}
	if err := checkAttack(o); err != nil {
		return err
	}
	if o.Records < 0 || o.Rate < 0 || o.PageCap < 0 {
		return cli.UsageError("--records, --rate and --page-cap cannot be negative")
	}
	for _, share := range []float64{o.Late, o.Backdated, o.Twins} {
		if share < 0 || share > 1 {
			return cli.UsageError("--late, --backdated and --twins are shares from 0 to 1")
		}
	}
	return nil
}
