// Package export writes the records of a range of time, oldest first, and can go on where it was
// stopped.
package export

import (
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/lines"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/terminal"
)

// notForExport are the keys of the input that have no effect here.
var notForExport = []string{"db", "db_password_file", "fleet_max_sites", "health_records", "overlap", "poll_interval", "rescan_interval", "rescan_window", "token_expires"}

// Command returns the command export.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write records as JSON lines",
		Long: `Writes one record per line, the oldest first, as JSON or CSV, and compressed into a file whose name ends in .gz.

Of an organization, times are those at which Atlassian has processed the events, and the events come in that order.

When it is stopped or fails, a line tells what is written and where to go on. Beside a file that is not complete lies a second one, FILE.progress, with which --resume goes on in the same file. While the site limits the rate of requests, export waits and goes on.`,
		Example: `  confluence-audit export --config fluent-bit.yaml --from 30d --output records.ndjson
  confluence-audit export --config fluent-bit.yaml --from 30d --output records.ndjson --resume
  confluence-audit export --config fluent-bit.yaml --from 2026-01-01 --to 2026-02-01 --format csv
  confluence-audit export --config fluent-bit.yaml --from all --schema ocsf --output records.ndjson.gz`,
		Annotations: map[string]string{cli.OKMeans: "all records were written", cli.FailedMeans: "not all records were written"},
	}
	input.OneFlags(cmd, &o.config, &o.input)
	cli.TextVar(cmd, &o.from, "from", "", "<time>", "A duration back such as 30d, a date such as 2026-11-01 (midnight UTC), an RFC 3339 time, or all. Another name for --start-from.")
	cli.TextVar(cmd, &o.to, "to", "now", "<time>", "The same, the end of what is written.")
	cli.TextVar(cmd, &o.output, "output", "-", "<file>", "Write to a new file; - is standard output.")
	cli.TextVar(cmd, &o.format, "format", formatJSON, "json|csv", "json has an event in each line. csv has columns for time, action, user, objects and source, and the event in the last.")
	cmd.Flags().BoolVar(&o.resume, "resume", false, "Go on in the file of --output, where an export was stopped or failed.")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{formatJSON, formatCSV}, cobra.ShellCompDirectiveNoFileComp))
	get := input.KeyFlags(cmd, notForExport...)
	schema := input.BesideConfig(cmd, "schema")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.schema = schema()
		return export(cmd, o, get)
	}
	return cmd
}

type options struct {
	config, input, from, to, output, format, schema string
	resume                                          bool
}

func (o options) check() error {
	switch {
	case o.format != formatJSON && o.format != formatCSV:
		return cli.UsageError("--format %q: want json or csv", o.format)
	case o.resume && (o.output == "" || o.output == "-"):
		return cli.UsageError("--resume goes on in a file: name it with --output")
	case o.resume && o.from != "":
		return cli.UsageError("--resume and --from do not go together: it goes on where the file ends")
	}
	return nil
}

func export(cmd *cobra.Command, o options, get func(string) string) error {
	if err := o.check(); err != nil {
		return err
	}
	var before progress
	if o.resume {
		var err error
		if before, err = loadProgress(o.output); err != nil {
			return err
		}
		o.from = before.Before.Format(time.RFC3339Nano)
	}
	in, err := input.One(cmd, o.config, o.input, get)
	if err != nil {
		return err
	}
	settings, err := in.Settings(map[string]string{"start_from": o.from, "schema": o.schema})
	if err != nil {
		return err
	}
	end, err := config.ParseStartFrom(o.to)
	if err != nil {
		return cli.UsageError("--to %q: %v", o.to, err)
	}
	if err := checkRange(settings.StartFrom, end, time.Now()); err != nil {
		return err
	}
	status := terminal.NewStatus(cmd.ErrOrStderr())
	defer status.Clear()
	var log *auditlog.Log
	err = retry(cmd.Context(), status, func() (err error) {
		log, err = auditlog.Open(cmd.Context(), settings, status)
		return err
	})
	if err != nil {
		return err
	}
	e := &exporter{Log: log, hasher: log.Hasher(), from: settings.StartFrom.At(log.Now()),
		// The site's clock has whole seconds, records have milliseconds.
		to: end.At(log.Now().Add(time.Second)), messages: cmd.ErrOrStderr(), status: status,
		progress: progress{Site: log.Site().Log(), Schema: settings.Schema, Format: o.format}}
	if o.resume {
		if err := before.fits(e.progress); err != nil {
			return err
		}
		e.progress = before
	}
	if e.format, err = newFormatter(log, o.format); err != nil {
		return err
	}
	if o.resume {
		e.output, err = lines.Resume(o.output, before.Size)
	} else {
		e.output, err = lines.Create(o.output, cmd.OutOrStdout())
	}
	if err != nil {
		return err
	}
	defer e.output.Close()
	return e.export(cmd.Context())
}

// checkRange refuses a range of time in which there can be no record.
func checkRange(from, to config.StartFrom, now time.Time) error {
	begin, end := from.At(now), to.At(now)
	switch {
	case begin.After(now):
		return cli.UsageError("--from %s is in the future: want a time before now", begin.Format(time.RFC3339))
	case begin.After(end):
		return cli.UsageError("--from %s is after --to %s: want them the other way round", begin.Format(time.RFC3339), end.Format(time.RFC3339))
	}
	return nil
}
