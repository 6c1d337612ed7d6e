// Package preview shows the newest records of a log, or those of files, one line each.
package preview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/glance"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/terminal"
)

// notForPreview are the keys of the input that have no effect here.
var notForPreview = []string{"backfill_requests", "db", "db_password_file", "fleet_max_sites", "health_records", "overlap", "rescan_interval", "rescan_window", "start_from", "token_expires"}

// Command returns the command preview.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:     "preview [flags] [file...]",
		Aliases: []string{"tail"},
		Short:   "show the newest records, one readable line each",
		Long: `Shows the newest records, the oldest of them first: time (UTC), action, who, what it happened to, where from.

With files it shows their records, and asks no site: JSON lines of the schemas raw and ecs, as export and replay write them; - is standard input.

With --schema it shows the whole event instead, as Fluent Bit would get it in that schema. With --follow it goes on until Ctrl-C, and asks every poll_interval (10s if that is not set).`,
		Example: `  confluence-audit preview --config fluent-bit.yaml
  confluence-audit preview --config fluent-bit.yaml --action permission --user jane
  confluence-audit preview --config fluent-bit.yaml --last 1 --schema ocsf
  confluence-audit preview --config fluent-bit.yaml --follow
  confluence-audit preview --user jane records.ndjson`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.FailedMeans: "records cannot be read", cli.OKMeans: "all went well, or Ctrl-C has ended --follow"},
	}
	input.OneFlags(cmd, &o.config, &o.input)
	cmd.Flags().IntVar(&o.last, "last", 20, "How many records.")
	cmd.Flags().BoolVar(&o.follow, "follow", false, "Go on with new records until Ctrl-C.")
	cli.TextVar(cmd, &o.action, "action", "", "<text>", "Only records whose action holds this text.")
	cli.TextVar(cmd, &o.user, "user", "", "<text>", "Only records of users whose name, e-mail address or id holds this text.")
	cli.TextVar(cmd, &o.from, "from", "", "<time>", "Look no further back than this: a duration such as 30d, a date, or an RFC 3339 time.")
	get := input.KeyFlags(cmd, notForPreview...)
	schema := input.BesideConfig(cmd, "schema")
	cmd.Flags().Lookup("schema").DefValue = ""
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		if len(files) > 0 {
			return previewFiles(cmd, o, files)
		}
		o.schema = schema()
		return preview(cmd, o, get)
	}
	return cmd
}

type options struct {
	config, input, action, user, from, schema string
	last                                      int
	follow                                    bool
}

// maxLooked bounds how many records are searched for matching ones.
const maxLooked = 100_000

func preview(cmd *cobra.Command, o options, get func(string) string) error {
	if o.last < 1 {
		return cli.UsageError("--last %d: want at least 1", o.last)
	}
	var from config.StartFrom
	if o.from != "" {
		var err error
		if from, err = config.ParseStartFrom(o.from); err != nil {
			return cli.UsageError("--from %q: %v", o.from, err)
		}
	}
	in, err := input.One(cmd, o.config, o.input, get)
	if err != nil {
		return err
	}
	settings, err := in.Settings(map[string]string{"schema": o.schema})
	if err != nil {
		return err
	}
	if o.action+o.user == "" && !o.follow {
		settings.PageSize = min(settings.PageSize, max(o.last, 100)) // not more than is shown
	}
	log, err := auditlog.Open(cmd.Context(), settings, terminal.NewStatus(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	p := &previewer{Log: log, hasher: log.Hasher(), options: o, screen: terminal.On(cmd.OutOrStdout()), messages: cmd.ErrOrStderr(), shown: make(map[string]time.Time)}
	if p.ecs, err = log.Encoder("ecs"); err != nil {
		return err
	}
	if o.schema != "" {
		if p.whole, err = log.Encoder(settings.Schema); err != nil {
			return err
		}
	}
	if o.from != "" {
		p.from = from.At(log.Now())
	}
	if err := p.newest(cmd.Context()); err != nil || !o.follow {
		return err
	}
	interval := 10 * time.Second
	if in.Get("poll_interval") != "" {
		interval = settings.PollInterval
	}
	return p.follow(cmd.Context(), interval)
}

// previewer shows records, each of them once.
type previewer struct {
	*auditlog.Log
	options  options
	from     time.Time
	screen   terminal.Screen
	messages io.Writer
	ecs      *event.Encoder
	whole    *event.Encoder // nil: one line for each record
	doc      document.Document
	hasher   document.Hasher
	// event ids of the records that were shown, or were older, with their times
	shown map[string]time.Time
}

// record is one record that was read.
type record struct {
	glance.Glance
	event []byte // the whole event, if that is shown
}

// read returns the records of a range of time, oldest first. It reads from the newest on, until
// enough returns true.
func (p *previewer) read(ctx context.Context, from, to time.Time, enough func(record) bool) ([]record, error) {
	var records []record
	same := make(map[document.Fingerprint]int)
	err := p.ReadWhile(ctx, from, to, func(r atlassian.Record) bool {
		p.doc.Parse(r.Raw)
		defer p.doc.Release()
		fp := p.hasher.Fingerprint(&p.doc)
		meta := event.Meta{Fingerprint: fp, Occurrence: same[fp], Read: p.Now()}
		same[fp]++
		one := record{Glance: glance.Of(p.ecs.AppendJSON(nil, r.Time, &p.doc, meta))}
		if p.whole != nil {
			one.event = p.whole.AppendJSON(nil, r.Time, &p.doc, meta)
		}
		if one.Matches(p.options.action, p.options.user) {
			records = append(records, one)
		}
		return !enough(one)
	})
	slices.Reverse(records)
	slices.SortStableFunc(records, func(a, b record) int { return a.Time.Compare(b.Time) })
	return records, err
}

// lookBack is how far behind the newest record --follow looks for late ones.
const lookBack = 10 * time.Minute

// newest shows the newest records.
func (p *previewer) newest(ctx context.Context) error {
	looked, matched := 0, 0
	recent := p.Now().Add(-lookBack)
	records, err := p.read(ctx, p.from, time.Time{}, func(one record) bool {
		looked++
		if one.Matches(p.options.action, p.options.user) {
			matched++
		}
		// With --follow all recent records must be known, to recognise new ones.
		return matched >= p.options.last && (!p.options.follow || one.Time.Before(recent)) || looked == maxLooked
	})
	if err != nil {
		return err
	}
	for _, one := range records {
		p.shown[one.ID] = one.Time
	}
	records = records[max(0, len(records)-p.options.last):]
	for _, one := range records {
		if err := p.show(one); err != nil {
			return err
		}
	}
	switch {
	case looked == maxLooked && matched < p.options.last:
		fmt.Fprintf(p.messages, "looked at the newest %d records only\n", looked)
	case len(records) == 0 && !p.options.follow:
		fmt.Fprintf(p.messages, "no record of %d matches\n", looked)
	}
	return nil
}

// follow shows new records until Ctrl-C.
func (p *previewer) follow(ctx context.Context, interval time.Duration) error {
	begin := p.Now().Add(-lookBack)
	wait := interval
	for {
		select {
		case <-ctx.Done():
			return nil // the usual end
		case <-time.After(wait):
		}
		wait = interval
		from := p.Now().Add(-lookBack)
		if from.Before(begin) {
			from = begin
		}
		records, err := p.read(ctx, from, time.Time{}, func(record) bool { return false })
		var refusal *atlassian.Error
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &refusal) && refusal.Temporary():
			fmt.Fprintf(p.messages, "%v\n", err)
			wait = max(interval, refusal.RetryAfter)
			continue
		case err != nil:
			return err
		}
		for _, one := range records {
			if _, known := p.shown[one.ID]; known {
				continue
			}
			p.shown[one.ID] = one.Time
			if err := p.show(one); err != nil {
				return err
			}
		}
		for id, at := range p.shown {
			if at.Before(from) {
				delete(p.shown, id)
			}
		}
	}
}

// show writes one record.
func (p *previewer) show(one record) error {
	text := one.Line(p.screen)
	if p.whole != nil {
		var indented strings.Builder
		encoder := json.NewEncoder(&indented)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(json.RawMessage(one.event)); err != nil {
			return fmt.Errorf("show record: %w", err)
		}
		text = strings.TrimSuffix(indented.String(), "\n")
	}
	if _, err := fmt.Fprintln(p.screen, text); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}
