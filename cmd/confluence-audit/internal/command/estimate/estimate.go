// Package estimate tells how many records a first run would read, from samples of the log.
package estimate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/terminal"
)

// notForEstimate are the keys of the input that have no effect here.
var notForEstimate = []string{"backfill_requests", "db", "db_password_file", "fleet_max_sites", "health_records", "overlap", "poll_interval", "rescan_interval", "rescan_window", "token_expires"}

// Command returns the command estimate.
func Command() *cobra.Command {
	var config, alias string
	cmd := &cobra.Command{
		Use:         "estimate",
		Short:       "tell how many records a start_from means, and how long they take",
		Annotations: map[string]string{cli.FailedMeans: "records cannot be read"},
		Long: fmt.Sprintf(`Tells how many records and bytes there are since start_from, and about how long a first run takes to read them.

It reads at most one page in each of %d equal parts of the time, so a site whose records come in bursts may have more or fewer. Where all parts fit, the numbers are exact.`, parts),
		Example: `  confluence-audit estimate --config fluent-bit.yaml
  confluence-audit estimate --config fluent-bit.yaml --start-from 90d`,
	}
	input.OneFlags(cmd, &config, &alias)
	get := input.KeyFlags(cmd, notForEstimate...)
	startFrom := input.BesideConfig(cmd, "start-from")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		in, err := input.One(cmd, config, alias, get)
		if err != nil {
			return err
		}
		return estimate(cmd, in, startFrom())
	}
	return cmd
}

// parts is into how many parts the time is divided for samples.
const parts = 12

func estimate(cmd *cobra.Command, in input.Input, startFrom string) error {
	settings, err := in.Settings(map[string]string{"start_from": startFrom})
	if err != nil {
		return err
	}
	if settings.OfOrganization() {
		return errors.New("the log of an organization cannot be estimated: Atlassian allows too few requests; a first run reads about 25000 events a minute")
	}
	status := terminal.NewStatus(cmd.ErrOrStderr())
	log, err := auditlog.Open(cmd.Context(), settings, status)
	if err != nil {
		return err
	}
	encoder, err := log.Encoder(settings.Schema)
	if err != nil {
		return err
	}
	// The site's clock has whole seconds, records have milliseconds.
	now := log.Now().Add(time.Second)
	from, any, err := log.Oldest(cmd.Context(), settings.StartFrom.At(now), now, time.Hour)
	if err != nil {
		return err
	}
	screen := terminal.On(cmd.OutOrStdout())
	if !any {
		screen.Hang("", 0, "there is no record in that time")
		return nil
	}
	sum := guess{exact: true}
	for i := range parts {
		status.Show(fmt.Sprintf("looking into part %d of %d", i+1, parts))
		part := now.Sub(from) / parts
		begin := from.Add(time.Duration(i) * part)
		end := begin.Add(part - time.Millisecond)
		if i == parts-1 {
			end = now
		}
		g, err := guessOf(cmd.Context(), log, encoder, begin, end)
		if err != nil {
			status.Clear()
			return err
		}
		sum.add(g)
	}
	status.Clear()
	about := "about "
	if sum.exact {
		about = ""
	}
	screen.Hang("", 0, fmt.Sprintf("%s%s since %s, %s%s as %s in JSON", about, words.Count(int(sum.records), "record"),
		from.UTC().Format(time.DateTime), about, bytesText(sum.bytes), settings.Schema))
	screen.Hang("", 0, fmt.Sprintf("a first run reads them in %s, with %s", sum.time(), words.Count(sum.requests(), "request")))
	return nil
}

// guess is the estimate for a range of time, and what it cost to make it.
type guess struct {
	records, bytes float64
	exact          bool
	read           int // records read for it
	asked          int // requests made for it
	waited         time.Duration
}

// guessOf estimates a range of time from at most one page, which shows how dense the records are.
func guessOf(ctx context.Context, log *auditlog.Log, encoder *event.Encoder, from, to time.Time) (guess, error) {
	var (
		doc    document.Document
		hasher = log.Hasher()
		line   []byte
		g      = guess{exact: true}
		oldest = to
		begin  = time.Now()
		before = log.Requests("2xx")
	)
	err := log.ReadWhile(ctx, from, to, func(r atlassian.Record) bool {
		doc.Parse(r.Raw)
		line = encoder.AppendJSON(line[:0], r.Time, &doc, event.Meta{Fingerprint: hasher.Fingerprint(&doc), Read: r.Time})
		g.bytes += float64(len(line) + 1)
		g.read++
		if !r.Time.IsZero() {
			oldest = r.Time
		}
		g.exact = g.read < log.Settings.PageSize
		return g.exact
	})
	if err != nil {
		return guess{}, err
	}
	g.records = float64(g.read)
	g.waited, g.asked = time.Since(begin), int(log.Requests("2xx")-before)
	if !g.exact {
		// The rest of the range is assumed to be as dense as the page.
		density := float64(to.Sub(from)) / float64(max(to.Sub(oldest), time.Millisecond))
		g.records, g.bytes = g.records*density, g.bytes*density
	}
	return g, nil
}

func (g *guess) add(other guess) {
	g.records, g.bytes = g.records+other.records, g.bytes+other.bytes
	g.exact = g.exact && other.exact
	g.read, g.asked = g.read+other.read, g.asked+other.asked
	g.waited += other.waited
}

// requests returns how many requests it takes to read all, if each returns as many records as those
// so far.
func (g *guess) requests() int {
	if g.exact {
		return g.asked
	}
	return int(math.Ceil(g.records * float64(g.asked) / float64(max(1, g.read))))
}

// time returns how long that many requests take one after the other, at the speed of those so far.
func (g *guess) time() string {
	d := time.Duration(g.requests()) * g.waited / time.Duration(max(1, g.asked))
	if d < 2*time.Second {
		return "a second or two"
	}
	return "about " + words.About(d)
}

func bytesText(n float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if n >= unit.size {
			return fmt.Sprintf("%.1f %s", n/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.0f bytes", n)
}
