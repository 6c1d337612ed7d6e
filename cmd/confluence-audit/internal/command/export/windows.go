package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
	"fluent-bit-confluence/organization"
)

// An export may use more memory than the collector, because it is over soon. exportLimits is the
// usual limit. millisecondLimits is larger, for a single millisecond, which cannot be divided.
var (
	exportLimits      = window.Limits{Bytes: 32 << 20, Records: 10_000}
	millisecondLimits = window.Limits{Bytes: 64 << 20, Records: 100_000}
)

// pagesOfWindow is how many pages a window of an export should fill: enough for the request that some
// windows need more not to matter.
const pagesOfWindow = 10

// run writes window after window, oldest first, and returns the time before which all is written.
func (e *exporter) run(ctx context.Context) (time.Time, error) {
	if log, ok := e.Client.(*organization.Client); ok {
		return e.follow(ctx, log)
	}
	e.seen = make(map[document.Fingerprint]int)
	if e.from.Before(auditlog.Beginning) {
		e.from = auditlog.Beginning
	}
	left := timerange.Range{From: e.from.Truncate(time.Millisecond), To: e.to.Truncate(time.Millisecond)}
	if err := e.findBarStart(ctx, left.From, left.To); err != nil {
		return left.From, err
	}
	limits := exportLimits
	limits.Page = min(pagesOfWindow*e.Settings.PageSize, limits.Records)
	reader, plan := window.NewReader(e, limits), window.NewPlan()
	ahead := window.NewReadAhead(reader, window.ReadAheadOptions{Most: e.Settings.BackfillRequests, Slowed: e.Slowed,
		Fill: func(ctx context.Context, w *window.Window) (*window.Window, error) { return reader.Fill(ctx, w, nil) }})
	defer ahead.Drop()
	for !left.From.After(left.To) {
		next, w, err := e.readWithRetries(ctx, ahead, &plan, left)
		switch {
		case errors.Is(err, window.ErrFull) && next.Length() <= timerange.Resolution:
			return left.From, fmt.Errorf("export: the site lists more records of %s than can be kept: report this with the output of confluence-audit check",
				next.From.Format(time.RFC3339Nano))
		case errors.Is(err, window.ErrFull):
			plan.Full(w)
			reader.Release(w)
			continue
		case err != nil:
			return left.From, err
		}
		plan.Read(w)
		left.From = next.To.Add(timerange.Resolution)
		plan.Forget(left.From)
		readAhead(ctx, ahead, &plan, left)
		err = e.write(w.Records, left.From)
		reader.Release(w)
		if err != nil {
			return next.From, err
		}
		e.showProgress(left.From, left.To)
	}
	return left.From, nil
}

// findBarStart makes the progress bar begin with the site's oldest record, if the bar is shown.
func (e *exporter) findBarStart(ctx context.Context, from, to time.Time) error {
	e.barFrom = from
	if !e.status.Visible() {
		return nil
	}
	e.status.Show("looking for the oldest record")
	return retry(ctx, e.status, func() error {
		oldest, any, err := e.Oldest(ctx, from, to, 24*time.Hour)
		if any {
			e.barFrom = oldest
		}
		return err
	})
}

// readWithRetries returns the next piece of left and its window, and tries again after temporary
// failures.
func (e *exporter) readWithRetries(ctx context.Context, ahead *window.ReadAhead, plan *window.Plan, left timerange.Range) (next timerange.Range, w *window.Window, err error) {
	err = retry(ctx, e.status, func() error {
		readAhead(ctx, ahead, plan, left)
		var found bool
		if next, found = ahead.Next(left); found {
			for !ahead.Wait(next, nil) {
				readAhead(ctx, ahead, plan, left)
			}
			w, err = ahead.Take(next)
			return err
		}
		next = plan.Next(left)
		whole := window.NewReader(e, millisecondLimits)
		w, err = whole.Fill(ctx, whole.New(next), nil)
		return err
	})
	return next, w, err
}

// readAhead reads the next pieces of left while others are read and written.
func readAhead(ctx context.Context, ahead *window.ReadAhead, plan *window.Plan, left timerange.Range) {
	ahead.Keep(ctx, plan, left, func(r timerange.Range) (timerange.Range, bool) {
		left.From = r.To.Add(timerange.Resolution)
		return left, !left.From.After(left.To)
	})
}
