package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/state"
)

const checkUsage = `Usage: confluence-audit check [flags]
       confluence-audit check --config fluent-bit.conf

Walks the way of the credential and tells what works. The exit code is 0 when
records can be read, 1 when not, 2 when the command line is wrong, and 130 after
Ctrl-C.

  --config <file>
        Check all confluence inputs of a Fluent Bit configuration file, classic or
        YAML, instead of flags and environment.
  --json
        Write one JSON object.

Each of the following can also come from the environment: --api-url from
CONFLUENCE_API_URL and so on. Secrets are better kept there, or in a file: other
users can see the flags of a running process. The keys of the input that are not
listed are accepted, and checked for mistakes only.

`

// check is the command check.
func check(ctx context.Context, c console, args []string) error {
	set := flag.NewFlagSet("check", flag.ContinueOnError)
	file := set.String("config", "", "")
	asJSON := set.Bool("json", false, "")
	get := config.Flags(set)
	err := parseFlags(set, c, args, func(w io.Writer) {
		fmt.Fprint(w, checkUsage)
		config.Usage(w, notForCheck)
	})
	if err != nil {
		return err
	}
	targets := []target{flagTarget(get)}
	if *file != "" {
		if targets, err = fileTargets(set, *file); err != nil {
			return err
		}
	}
	var show reporter = &list{w: c.out, colour: colourful(c.out)}
	if *asJSON {
		show = &document{w: c.out}
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
func fileTargets(set *flag.FlagSet, path string) ([]target, error) {
	var extra error
	beside := []string{"config", "json", "from", "to", "output"}
	set.Visit(func(f *flag.Flag) {
		if !slices.Contains(beside, f.Name) {
			extra = usageError("--config and --%s do not go together", f.Name)
		}
	})
	if extra != nil {
		return nil, extra
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
