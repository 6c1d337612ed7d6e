package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/record"
	"fluent-bit-confluence/internal/terminal"
)

// Keys of the input that do nothing here.
var notForExport = []string{"db", "health_records", "overlap", "poll_interval", "rescan_interval", "rescan_window", "token_expires"}

func exportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write records as JSON lines",
		Long: `Writes one record per line, the oldest first.

When it is stopped or fails, a line tells what is written and where to go on.`,
		Example: `  confluence-audit export --config fluent-bit.yaml --from 30d --output records.ndjson
  confluence-audit export --config fluent-bit.yaml --from 2026-01-01 --to 2026-02-01`,
		Annotations: map[string]string{failedMeans: "not all records were written"},
	}
	configFlag(cmd, &o.config, "Take the settings of the confluence input of a Fluent Bit configuration file, classic or YAML, instead of those of flags and environment.")
	inputFlag(cmd, &o.input)
	textVar(cmd, &o.from, "from", "", "<time>", "A duration back such as 30d, a date such as 2026-11-01 (midnight UTC), an RFC 3339 time, or all. Another name for --start-from.")
	textVar(cmd, &o.to, "to", "now", "<time>", "The same, the end of what is written.")
	textVar(cmd, &o.output, "output", "", "<file>", "Write to a new file instead of standard output.")
	get := keyFlags(cmd, notForExport...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return export(cmd, o, get) }
	return cmd
}

type exportOptions struct{ config, input, from, to, output string }

func export(cmd *cobra.Command, o exportOptions, get func(string) string) error {
	ctx := cmd.Context()
	in, err := oneInput(cmd, o.config, o.input, get)
	if err != nil {
		return err
	}
	settings, err := settingsOf(in, map[string]string{"start_from": o.from})
	if err != nil {
		return err
	}
	end, err := config.ParseStartFrom(o.to)
	if err != nil {
		return usageError("--to %q: %v", o.to, err)
	}
	if err := checkStretch(settings.StartFrom, end, time.Now()); err != nil {
		return err
	}
	s, err := openSource(ctx, settings)
	if err != nil {
		return err
	}
	encoder, err := s.encoder(settings.Schema)
	if err != nil {
		return err
	}
	now := s.Now()
	e := &exporter{source: s, encoder: encoder, from: settings.StartFrom.At(now),
		// The site tells its time in whole seconds, records have milliseconds.
		to: end.At(now.Add(time.Second)), out: cmd.OutOrStdout(), messages: cmd.ErrOrStderr(), status: terminal.NewStatus(cmd.ErrOrStderr())}
	return e.writeTo(ctx, o.output)
}

// checkStretch refuses a stretch of time in which nothing can be.
func checkStretch(from, to config.StartFrom, now time.Time) error {
	begin, end := from.At(now), to.At(now)
	switch {
	case begin.After(now):
		return usageError("--from %s is in the future: want a time before now", begin.Format(time.RFC3339))
	case begin.After(end):
		return usageError("--from %s is after --to %s: want them the other way round", begin.Format(time.RFC3339), end.Format(time.RFC3339))
	}
	return nil
}

// exporter writes the records of one stretch of time.
type exporter struct {
	*source
	encoder  *record.Encoder
	hasher   record.Hasher
	doc      record.Document
	line     []byte
	seen     map[record.Fingerprint]int // records without a time, which belong to no window
	from, to time.Time
	count    int

	out, messages io.Writer
	status        *terminal.Status
}

func (e *exporter) writeTo(ctx context.Context, path string) (err error) {
	w, where, other := e.out, "written", ""
	if path != "" {
		f, createErr := create(path)
		if createErr != nil {
			return createErr
		}
		defer func() {
			f.Close()
			if e.count == 0 && err != nil {
				_ = os.Remove(path) // or it would be in the way of the next try
			}
		}()
		w, where, other = f, "in "+path, " and another --output"
	}
	buffer := bufio.NewWriterSize(w, 1<<20)
	done, err := e.run(ctx, buffer)
	e.status.Clear()
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write records: %w; free space, or choose another output", err)
	}
	if err != nil {
		at := done.Format(time.RFC3339Nano)
		state := fmt.Sprintf("no record is written; go on with --from %s", at)
		if e.count > 0 {
			state = fmt.Sprintf("%d records are %s, all before %s; go on with --from %s", e.count, where, at, at+other)
		}
		if ctx.Err() != nil {
			return stopped("stopped: " + state)
		}
		fmt.Fprintf(e.messages, "incomplete: %s\n", state)
		return err
	}
	fmt.Fprintf(e.messages, "%d records\n", e.count)
	if n := e.encoder.Unknown(); n > 0 {
		fmt.Fprintf(e.messages, "%d of them have an action that is not in the table of actions, they are classified as other\n", n)
	}
	return nil
}

// create makes a file that nobody else can read: audit records are nobody else's business. What is there already is not overwritten.
func create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if info, statErr := os.Stat(path); statErr == nil && info.Mode().IsRegular() {
			return nil, usageError("--output %s is there already: choose another name, or remove it first", path)
		}
		f, err = os.OpenFile(path, os.O_WRONLY, 0) // a pipe or a device
	}
	if err != nil {
		return nil, fmt.Errorf("create output: %w; choose a file in a folder that can be written to", err)
	}
	return f, nil
}

// write writes the records of a complete window, oldest first.
func (e *exporter) write(w io.Writer, records []confluence.Record) error {
	defer e.doc.Release()
	same := make(map[record.Fingerprint]int, len(records))
	for _, r := range records {
		e.doc.Parse(r.Raw)
		fp := e.hasher.Fingerprint(&e.doc)
		occurrence := same[fp]
		same[fp]++
		if r.Time.IsZero() {
			if occurrence < e.seen[fp] {
				continue
			}
			e.seen[fp] = occurrence + 1
		}
		meta := record.Meta{Fingerprint: fp, Occurrence: occurrence, Read: e.Now()}
		e.line = append(e.encoder.AppendJSON(e.line[:0], r.Time, &e.doc, meta), '\n')
		if _, err := w.Write(e.line); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
		e.count++
	}
	return nil
}

// showProgress draws how much of the time from..to is done.
func (e *exporter) showProgress(from, at, to time.Time) {
	const width = 30
	done := 1.0
	if total := to.Sub(from); total > 0 {
		done = min(1, float64(at.Sub(from))/float64(total))
	}
	full := int(done * width)
	e.status.Show(fmt.Sprintf("[%s%s] %3.0f %%  %s  %d records",
		strings.Repeat("#", full), strings.Repeat(" ", width-full), done*100, at.Format(time.DateOnly), e.count))
}
