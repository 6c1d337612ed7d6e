package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

const simulateUsage = `Usage: confluence-audit simulate [flags] [-- command [arguments]]

Answers as Confluence does, with made-up records, until Ctrl-C. It serves site,
gateway and token endpoint at one address. With a command, it runs that one with
CONFLUENCE_URL, CONFLUENCE_USER and CONFLUENCE_TOKEN set, and ends with it.

  --listen <address>    where to listen, a port of 0 takes any (default 127.0.0.1:8080)
  --deployment <name>   cloud or datacenter (default cloud)
  --context-path <path> path in front of all, such as /confluence, Data Center only
  --seed <number>       the same number makes the same records
  --records <number>    records at the start (default 1000)
  --history <duration>  how far back they reach (default 24h)
  --rate <number>       new records per second (default 1)
  --late <share>        of new records that show up late, 0 to 1
  --late-by <duration>  how late at most (default 5m)
  --backdated <share>   of new records that are written with a time long past, 0 to 1
  --twins <share>       of records that have an identical twin, 0 to 1
  --page-cap <number>   records per page at most
  --fault <kind>        misbehave, such as free-plan, rate-limit or page-cap=100; can be
                        given several times, --fault list names all kinds
`

// The credentials the simulator accepts.
var simulated = simulate.Credentials{
	Token: "unscoped-token", ScopedToken: "scoped-token", ClientID: "client-id", ClientSecret: "client-secret",
	Password: "password", PersonalAccessToken: "personal-access-token",
}

// simulateSite is the command simulate.
func simulateSite(ctx context.Context, c console, args []string) error {
	o := simulate.Options{Credentials: simulated}
	set := flag.NewFlagSet("simulate", flag.ContinueOnError)
	listen := set.String("listen", "127.0.0.1:8080", "")
	set.StringVar(&o.Deployment, "deployment", simulate.Cloud, "")
	set.StringVar(&o.ContextPath, "context-path", "", "")
	set.Uint64Var(&o.Seed, "seed", 1, "")
	set.IntVar(&o.Records, "records", 1000, "")
	set.Float64Var(&o.Rate, "rate", 1, "")
	set.Float64Var(&o.Late, "late", 0, "")
	set.Float64Var(&o.Backdated, "backdated", 0, "")
	set.Float64Var(&o.Twins, "twins", 0, "")
	set.IntVar(&o.PageCap, "page-cap", 0, "")
	history := durationFlag(set, "history", 24*time.Hour, "")
	lateBy := durationFlag(set, "late-by", 5*time.Minute, "")
	var faults []simulate.Fault
	set.Func("fault", "", func(text string) error {
		kind, value, _ := strings.Cut(text, "=")
		faults = append(faults, simulate.Fault{Kind: simulate.FaultKind(kind), Value: value})
		return nil
	})
	args, command := cutCommand(args)
	if err := parseFlags(set, c, args, func(w io.Writer) { fmt.Fprint(w, simulateUsage) }); err != nil {
		return err
	}
	if len(faults) == 1 && faults[0].Kind == "list" {
		for _, kind := range simulate.FaultKinds() {
			fmt.Fprintln(c.out, kind)
		}
		return nil
	}
	o.History, o.LateBy = *history, *lateBy
	if err := checkSimulation(o); err != nil {
		return err
	}
	o.Credentials.User = "admin@example.com"
	if o.Deployment == simulate.DataCenter {
		o.Credentials.User = "admin"
	}

	site := simulate.New(o)
	if err := site.SetFaults(faults...); err != nil {
		return usageError("--fault: %v", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --listen", err)
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second}
	defer server.Close()
	url := "http://" + listener.Addr().String() + o.ContextPath
	if len(command) > 0 {
		// Served until the command has ended, which may still ask after Ctrl-C.
		go func() { _ = server.Serve(listener) }()
		return runBeside(ctx, c, command, url, o.Credentials)
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	introduce(c.out, o, url)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func checkSimulation(o simulate.Options) error {
	if o.Deployment != simulate.Cloud && o.Deployment != simulate.DataCenter {
		return usageError("--deployment %q: want cloud or datacenter", o.Deployment)
	}
	if o.Records < 0 || o.Rate < 0 || o.PageCap < 0 {
		return usageError("--records, --rate and --page-cap cannot be negative")
	}
	for _, share := range []float64{o.Late, o.Backdated, o.Twins} {
		if share < 0 || share > 1 {
			return usageError("--late, --backdated and --twins are shares from 0 to 1")
		}
	}
	return nil
}

// introduce prints the address, what is accepted there, and a command line to start with.
func introduce(w io.Writer, o simulate.Options, url string) {
	cred := o.Credentials
	fmt.Fprintf(w, "%s answers as Confluence (%s) until Ctrl-C\n\n", url, o.Deployment)
	login := fmt.Sprintf("-p user_identifier=%s -p api_token=%s", cred.User, cred.Token)
	if o.Deployment == simulate.DataCenter {
		login = "-p personal_access_token=" + cred.PersonalAccessToken
		fmt.Fprintf(w, "  personal_access_token  %s\n", cred.PersonalAccessToken)
		fmt.Fprintf(w, "  user_identifier        %s\n", cred.User)
		fmt.Fprintf(w, "  api_token              %s\n", cred.Password)
	} else {
		fmt.Fprintf(w, "  user_identifier  %s\n", cred.User)
		fmt.Fprintf(w, "  api_token        %s, at the gateway %s\n", cred.Token, cred.ScopedToken)
		fmt.Fprintf(w, "  client_id        %s\n", cred.ClientID)
		fmt.Fprintf(w, "  client_secret    %s\n", cred.ClientSecret)
		fmt.Fprintf(w, "  gateway_url      %s\n", url)
		fmt.Fprintf(w, "  token_url        %s/oauth/token\n", url)
	}
	fmt.Fprintf(w, "\nfluent-bit -e build/in_confluence.so -i confluence -p api_url=%s %s -p poll_interval=5s -o stdout\n", url, login)
}
