package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/terminal"
)

// Keys of the input that do nothing here.
var notForCheck = []string{"health_records", "include_audit_searches", "include_raw", "overlap", "page_size", "poll_interval", "rescan_interval", "rescan_window", "schema", "start_from"}

func checkCommand() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "tell whether records can be read, and if not, why",
		Long: `Walks the way of the credential and tells what works.

With --config it checks all confluence inputs of a configuration of Fluent Bit. The keys of the input that are not listed are accepted, and checked for mistakes only.`,
		Example: `  confluence-audit check --config fluent-bit.yaml
  confluence-audit check --api-url https://acme.atlassian.net \
    --user-identifier auditor@example.com --api-token-file token`,
		Annotations: map[string]string{failedMeans: "records cannot be read"},
	}
	configFlag(cmd, &o.config, "Check all confluence inputs of a Fluent Bit configuration file, classic or YAML, instead of flags and environment.")
	cmd.Flags().BoolVar(&o.json, "json", false, "Write one JSON object.")
	get := keyFlags(cmd, notForCheck...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return check(cmd, o, get) }
	return cmd
}

type checkOptions struct {
	config string
	json   bool
}

func check(cmd *cobra.Command, o checkOptions, get func(string) string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	targets := []target{flagTarget(get)}
	if o.config != "" {
		var err error
		if targets, err = fileTargets(cmd, o.config); err != nil {
			return err
		}
	}
	var show reporter = &list{screen: terminal.On(out)}
	if o.json {
		show = &document{w: out}
	}
	ok := true
	for _, t := range targets {
		ok = t.check(ctx, show) && ok
	}
	if ctx.Err() != nil {
		return stopped("stopped")
	}
	if err := show.end(ok); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if !ok {
		return errFailed
	}
	return nil
}

// target is one input to check.
type target struct {
	where    string // file and line, empty for flags
	get      func(key string) string
	mistakes []string
	warnings []string
}

func flagTarget(get func(string) string) target { return target{get: get} }

// fileTargets returns the confluence inputs of a Fluent Bit configuration.
func fileTargets(cmd *cobra.Command, path string) ([]target, error) {
	if given := givenKey(cmd); given != "" {
		return nil, usageError("--config and --%s do not go together", given)
	}
	inputs, err := fluentbit.Inputs(path, "confluence", os.Getenv)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%s has no confluence input: want an input with the name confluence", path)
	}
	var targets []target
	for _, in := range inputs {
		targets = append(targets, fileTarget(in))
	}
	return targets, nil
}

// fileTarget is strict where Fluent Bit is not: a key that it would take without a word is a mistake.
func fileTarget(in fluentbit.Input) target {
	t := target{where: in.Where, get: in.Get}
	t.mistakes = append(in.Harmful(), config.Unknown(in.Keys())...)
	for _, p := range in.Properties {
		for _, name := range p.Unset {
			t.warnings = append(t.warnings, fmt.Sprintf("%s: the variable ${%s} is not set here", p.Key, name))
		}
	}
	return t
}

// check reports on one input and tells whether its records can be read.
func (t target) check(ctx context.Context, show reporter) bool {
	settings, err := config.Parse(t.get)
	mistakes := append(t.mistakes, config.Mistakes(err)...)
	show.begin(t.where, settings.APIURL, mistakes, append(t.warnings, settings.Warnings...))
	if len(mistakes) > 0 {
		return false
	}
	client, err := confluence.New(settings.Options)
	if err != nil {
		show.step(confluence.Step{Name: "settings", Status: confluence.Fail, Detail: err.Error()})
		return false
	}
	ok := true
	client.Check(ctx, func(s confluence.Step) {
		if ctx.Err() != nil {
			return // Ctrl-C is no finding
		}
		ok = ok && s.Status != confluence.Fail
		show.step(s)
	})
	if settings.DB != "" && ctx.Err() == nil {
		step := tryState(settings.DB, client.Site().URL)
		ok = ok && step.Status != confluence.Fail
		show.step(step)
	}
	return ok && ctx.Err() == nil
}

// tryState looks at the state file as the input would open it.
func tryState(path, site string) confluence.Step {
	found, err := state.Try(path, site)
	switch {
	case state.IsDamage(err):
		return confluence.Step{Name: "db", Status: confluence.Warn, Detail: err.Error() + ": the input will move it aside and begin again, look at the disk"}
	case err != nil:
		return confluence.Step{Name: "db", Status: confluence.Fail, Detail: err.Error()}
	}
	return confluence.Step{Name: "db", Status: confluence.OK, Detail: path + " " + found}
}
