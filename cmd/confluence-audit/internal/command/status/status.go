// Package status shows how the inputs of a configuration do, those in trouble first, from what a running
// Fluent Bit, their state files and their databases tell.
package status

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/terminal"
)

// Command returns the command status.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "status",
		Short: "show the state of all inputs, those in trouble first",
		Long: `Shows all confluence inputs of a configuration of Fluent Bit on one screen, those in trouble first, with cause and remedy.

It asks the running Fluent Bit, at the address of the service's http_listen and http_port; http_server must be on. Where Fluent Bit does not answer, it reads the state files, without a lock. For inputs with db postgres://... it asks the database, which tells which process reads each log. Nobody else is asked, and no secret but the password of the database is read: run it where Fluent Bit runs, in the same folder and with the same variables.

Records an hour are the mean since Fluent Bit was started, with what a catch-up brought; with --watch, once it has watched for a minute, the mean of that time.`,
		Example: `  confluence-audit status --config fluent-bit.yaml
  confluence-audit status --config fluent-bit.yaml --input wiki
  confluence-audit status --config fluent-bit.yaml --watch
  confluence-audit status --config fluent-bit.yaml --json`,
		Annotations: map[string]string{cli.FailedMeans: "somebody must act, or it is not known whether the inputs work"},
	}
	cli.ConfigFlag(cmd, &o.config, "The configuration that Fluent Bit was started with, classic or YAML.")
	input.AliasFlag(cmd, &o.alias)
	cmd.Flags().Lookup("input").Usage = "Show one input only, by its alias, and all of it."
	input.StorageFlag(cmd, &o.storage)
	cmd.Flags().BoolVar(&o.watch, "watch", false, "Show it anew every 5 seconds, until Ctrl-C.")
	cmd.Flags().BoolVar(&o.json, "json", false, "Write one JSON object; with --watch one a line.")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return show(cmd, o) }
	return cmd
}

type options struct {
	config, alias string
	storage       string
	watch, json   bool
}

// watchEvery is the interval of --watch. Fluent Bit updates its metrics about as often.
const watchEvery = 5 * time.Second

func show(cmd *cobra.Command, o options) error {
	if o.config == "" {
		return cli.UsageError("want --config, in which the inputs are")
	}
	var seen watched
	for first := true; ; first = false {
		well, err := showOnce(cmd, o, &seen, first)
		switch {
		case cmd.Context().Err() != nil && o.watch:
			return nil // the usual end
		case cmd.Context().Err() != nil:
			return cli.Stopped("stopped")
		case errors.Is(err, syscall.EPIPE):
			return nil // the reader has closed the pipe
		case err != nil:
			return err
		case !o.watch && !well:
			return cli.ErrFailed
		case !o.watch:
			return nil
		}
		select {
		case <-cmd.Context().Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// showOnce reads the status once and writes it at once.
func showOnce(cmd *cobra.Command, o options, seen *watched, first bool) (well bool, err error) {
	all, err := survey(cmd.Context(), o, seen)
	if err != nil || cmd.Context().Err() != nil {
		return false, err
	}
	all.readDatabases(cmd.Context())
	if cmd.Context().Err() != nil {
		return false, nil
	}
	all.judge()
	out := cmd.OutOrStdout()
	if o.json {
		return all.OK, writeJSON(out, all, o.watch)
	}
	to := terminal.On(out)
	var text bytes.Buffer
	to.Writer = &text
	screen{to, all, o}.write()
	switch rows := terminal.Rows(out); {
	case o.watch && rows > 0:
		_, err = io.WriteString(out, "\x1b[H\x1b[J"+cutLines(text.String(), rows-1))
	case o.watch && !first:
		_, err = io.WriteString(out, "\n"+text.String())
	default:
		_, err = out.Write(text.Bytes())
	}
	if err != nil {
		err = fmt.Errorf("write status: %w", err)
	}
	return all.OK, err
}

// cutLines cuts a text to the lines of the screen, so that its beginning stays visible.
func cutLines(text string, rows int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) <= rows || rows < 2 {
		return text
	}
	return strings.Join(lines[:rows-1], "") + fmt.Sprintf("and %s; all without --watch\n", words.Count(len(lines)-rows+1, "line"))
}

// watched holds the first sample of each input since --watch began, by the name of the input.
type watched map[string]sample

type sample struct {
	at      time.Time
	records float64
}

// watchLeast is over how long, at least, a rate of records is computed.
const watchLeast = time.Minute

// rate returns how many records an input reads an hour, and over which time that was counted. The
// time is 0 if it is too short.
func (w *watched) rate(name string, records float64, uptime time.Duration, now time.Time) (hourly float64, over time.Duration) {
	if *w == nil {
		*w = make(watched)
	}
	before, known := (*w)[name]
	if !known || records < before.records || now.Sub(before.at) > uptime { // it was restarted
		(*w)[name] = sample{now, records}
	} else if over := now.Sub(before.at); over >= watchLeast {
		return (records - before.records) / over.Hours(), over
	}
	if uptime < watchLeast {
		return 0, 0
	}
	return records / uptime.Hours(), uptime
}

// writeJSON writes the status as JSON, for programs.
func writeJSON(w io.Writer, all *overview, oneLine bool) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if !oneLine {
		encoder.SetIndent("", "  ")
	}
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}
