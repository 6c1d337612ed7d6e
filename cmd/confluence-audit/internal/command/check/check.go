// Package check tells whether the records of inputs can be read and delivered, and if not, why.
package check

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// notForCheck are the keys of the input that have no effect here.
var notForCheck = []string{"backfill_requests", "fleet_max_sites", "health_records", "include_audit_searches", "include_raw", "ocsf_version", "overlap", "page_size", "poll_interval", "rescan_interval", "rescan_window", "schema", "start_from"}

// Command returns the command check.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "check",
		Short: "tell whether records can be read, and if not, why",
		Long: `Tests step by step whether records can be read, and tells what works, what does not, and what to do about it.

With --config it checks all confluence inputs of a configuration of Fluent Bit, some at a time, and looks for settings that lose records. It also lets the fluent-bit on the PATH, or the one in FLUENT_BIT, check the file (fluent-bit --dry-run). With --offline it looks at the configuration alone. The keys of the input that are not listed are accepted, and checked for mistakes only.`,
		Example: `  confluence-audit check --config fluent-bit.yaml
  confluence-audit check --config fluent-bit.yaml --offline
  confluence-audit check --config fluent-bit.yaml --output
  confluence-audit check --api-url https://acme.atlassian.net \
    --user-identifier auditor@example.com --api-token-file token`,
		Annotations: map[string]string{cli.OKMeans: "records can be read, or with --offline: the configuration has no mistake", cli.FailedMeans: "records cannot be read, or with --offline: the configuration has a mistake"},
	}
	cli.ConfigFlag(cmd, &o.config, "Check all confluence inputs of a Fluent Bit configuration file, classic or YAML, instead of flags and environment.")
	input.StorageFlag(cmd, &o.storage)
	cmd.Flags().BoolVar(&o.json, "json", false, "Write one JSON object.")
	cmd.Flags().BoolVar(&o.offline, "offline", false, "Ask no server, read no secret and open no state file, as in a CI job: check the configuration for mistakes.")
	cmd.Flags().BoolVar(&o.output, "output", false, "Send one marked test record through the outputs of the configuration, with the fluent-bit on the PATH, and tell for each what came back.")
	get := input.KeyFlags(cmd, notForCheck...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return check(cmd, o, get) }
	return cmd
}

type options struct {
	config        string
	storage       string
	json, offline bool
	output        bool
}

func check(cmd *cobra.Command, o options, get func(string) string) error {
	switch {
	case o.output && o.config == "":
		return cli.UsageError("--output needs --config, in which the outputs are")
	case o.output && o.offline:
		return cli.UsageError("--output and --offline do not go together")
	}
	inputs, configuration, err := input.Read(cmd, o.config, get)
	if err != nil {
		return err
	}
	var show reporter = &textReport{screen: terminal.On(cmd.OutOrStdout()), many: len(inputs) > 1, mixed: input.Mixed(inputs), offline: o.offline}
	if o.json {
		show = &jsonReport{w: cmd.OutOrStdout()}
	}
	if len(inputs) == 1 {
		examineOne(cmd, inputs[0], o.offline, show)
	} else {
		examineAll(cmd, inputs, o.offline, show)
	}
	if o.config != "" && cmd.Context().Err() == nil {
		if step := dryRun(cmd.Context(), o.config, configuration, o.offline); cmd.Context().Err() == nil {
			show.host(step)
		}
	}
	if o.output && cmd.Context().Err() == nil {
		steps, err := tryOutputs(cmd.Context(), o.config, inputs, configuration.Secrets, terminal.NewStatus(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		show.outputs(steps)
	}
	if cmd.Context().Err() != nil {
		return cli.Stopped("stopped")
	}
	ok, err := show.end()
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if !ok {
		return cli.ErrFailed
	}
	return nil
}

// atOnce is how many inputs are checked at the same time.
const atOnce = 8

// examineAll checks inputs in parallel, and shows them in the order of the configuration, each when
// it is complete.
func examineAll(cmd *cobra.Command, inputs []input.Input, offline bool, show inputReporter) {
	found := make([]results, len(inputs))
	complete := make([]chan struct{}, len(inputs))
	slots := make(chan struct{}, atOnce)
	for i, in := range inputs {
		complete[i] = make(chan struct{})
		go func() {
			slots <- struct{}{}
			examine(cmd.Context(), in, offline, &found[i])
			<-slots
			close(complete[i])
		}()
	}
	status := terminal.NewStatus(cmd.ErrOrStderr())
	for i := range inputs {
		status.Show(fmt.Sprintf("checking %s, %d of %d", inputs[i].Name(), i+1, len(inputs)))
		<-complete[i]
		status.Clear()
		if cmd.Context().Err() == nil {
			found[i].reportTo(show)
		}
	}
}

// examineOne checks one input, and shows each result when it is known.
func examineOne(cmd *cobra.Command, in input.Input, offline bool, show inputReporter) {
	if !offline {
		w := &waiting{inputReporter: show, status: terminal.NewStatus(cmd.ErrOrStderr())}
		defer w.status.Clear()
		show = w
	}
	examine(cmd.Context(), in, offline, show)
}

// examine checks one input.
func examine(ctx context.Context, in input.Input, offline bool, show inputReporter) {
	if offline {
		in = in.Offline()
	}
	settings, err := in.Settings(nil)
	show.begin(in, settings, append(in.Mistakes, config.Mistakes(err)...), append(in.Warnings, settings.Warnings...))
	if err != nil || offline {
		return
	}
	client, err := settings.Client()
	if err != nil {
		show.step(site.Step{Name: "settings", Status: site.Fail, Detail: err.Error()})
		return
	}
	client.Check(ctx, func(s site.Step) {
		if ctx.Err() != nil {
			return // Ctrl-C is not a result
		}
		show.step(withAge(s, client.Now()))
	})
	switch {
	case ctx.Err() != nil:
	case settings.Database != "":
		if step := tryDatabase(ctx, settings, client.Site()); ctx.Err() == nil {
			show.step(step)
		}
	case settings.DB != "":
		show.step(tryState(settings.DB, client.Site()))
	}
}

// withAge adds the age of the newest record.
func withAge(s site.Step, now time.Time) site.Step {
	if at, err := time.Parse(time.RFC3339, s.Detail); err == nil && s.Name == site.StepNewest {
		s.Detail += ", " + words.Ago(now.Sub(at))
	}
	return s
}

// One checks one input, and prints each result when it is known. lacking is the first reason why
// records cannot be read, such as the name of a step; "" if they can be.
func One(cmd *cobra.Command, in input.Input) (lacking string, _ error) {
	show := &textReport{screen: terminal.On(cmd.OutOrStdout())}
	examineOne(cmd, in, false, show)
	if err := cmd.Context().Err(); err != nil {
		return "", err
	}
	if _, err := show.end(); err != nil {
		return "", fmt.Errorf("write result: %w", err)
	}
	if len(show.bad) > 0 {
		lacking = show.bad[0]
	}
	return lacking, nil
}
