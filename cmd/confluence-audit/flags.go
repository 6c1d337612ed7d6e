package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"fluent-bit-confluence/internal/config"
)

// parseFlags parses args and prints what usage writes when help is asked for. No argument but flags is allowed.
func parseFlags(set *flag.FlagSet, c console, args []string, usage func(io.Writer)) error {
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	err := set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(c.out)
		return err
	case err != nil:
		return usageError("%s", strings.Replace(err.Error(), ": -", ": --", 1))
	case set.NArg() > 0:
		return usageError("%q is no flag", set.Arg(0))
	}
	return nil
}

// Keys of the input that do nothing in a command.
var (
	notForCheck  = []string{"health_records", "include_audit_searches", "include_raw", "ocsf_version", "overlap", "page_size", "poll_interval", "rescan_interval", "rescan_window", "schema", "start_from"}
	notForExport = []string{"db", "health_records", "overlap", "poll_interval", "rescan_interval", "rescan_window", "token_expires"}
)

// usageErr is a wrong command line.
type usageErr struct{ message string }

func (e usageErr) Error() string        { return e.message }
func (e usageErr) Is(target error) bool { return target == errUsage }

func usageError(format string, args ...any) error { return usageErr{fmt.Sprintf(format, args...)} }

// stopped is the end by Ctrl-C, told in one line.
type stopped string

func (e stopped) Error() string { return string(e) }

// durationFlag declares a flag that takes durations as the configuration does.
func durationFlag(set *flag.FlagSet, name string, value time.Duration, usage string) *time.Duration {
	set.Func(name, usage, func(text string) error {
		d, ok := config.ParseDuration(text)
		if !ok {
			return errors.New("want a duration such as 90s, 5m, 12h or 30d")
		}
		value = d
		return nil
	})
	return &value
}
