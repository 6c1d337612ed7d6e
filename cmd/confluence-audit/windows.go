package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/document"
)

// A site gives the newest record first, an export begins with the oldest. So the time is cut into
// windows, each kept in memory whole and no larger than this.
const (
	maxRecords = 10_000
	maxBytes   = 32 << 20
)

var errFull = errors.New("window holds too many records")

// run writes window after window and returns the time before which all is written.
func (e *exporter) run(ctx context.Context) (time.Time, error) {
	e.seen = make(map[document.Fingerprint]int)
	if e.from.Before(beginning) {
		e.from = beginning
	}
	at, end := e.from.Truncate(time.Millisecond), e.to.Truncate(time.Millisecond)
	width := time.Hour
	if err := e.findBarStart(ctx, at, end); err != nil {
		return at, err
	}
	for !at.After(end) {
		to := at.Add(width - time.Millisecond)
		if to.After(end) {
			to = end
		}
		records, err := e.readPatiently(ctx, at, to)
		if errors.Is(err, errFull) {
			width = max((width / 4).Truncate(time.Millisecond), time.Millisecond) // or a millisecond would fall between two windows
			continue
		}
		if err != nil {
			return at, err
		}
		if err := e.write(records, to.Add(time.Millisecond)); err != nil {
			return at, err
		}
		if len(records) < maxRecords/8 {
			width = min(width*4, 10*365*24*time.Hour)
		}
		at = to.Add(time.Millisecond)
		e.showProgress(at, end)
	}
	return at, nil
}

// findBarStart lets the bar begin with the site's oldest record, where somebody sees it.
func (e *exporter) findBarStart(ctx context.Context, from, to time.Time) error {
	e.barFrom = from
	if !e.status.Visible() {
		return nil
	}
	e.status.Show("looking for the oldest record")
	return patiently(ctx, e.status, func() error {
		oldest, any, err := e.oldest(ctx, from, to, 24*time.Hour)
		if any {
			e.barFrom = oldest
		}
		return err
	})
}

func (e *exporter) readPatiently(ctx context.Context, from, to time.Time) (records []confluence.Record, err error) {
	err = patiently(ctx, e.status, func() error {
		records, err = e.read(ctx, from, to)
		return err
	})
	return records, err
}

// read returns one window, oldest first.
func (e *exporter) read(ctx context.Context, from, to time.Time) ([]confluence.Record, error) {
	var records []confluence.Record
	bytes := 0
	err := e.Read(ctx, from, to, func(r confluence.Record) error {
		bytes += len(r.Raw)
		if (len(records) >= maxRecords || bytes > maxBytes) && to.Sub(from) >= time.Millisecond {
			return errFull
		}
		records = append(records, confluence.Record{Time: r.Time, Raw: slices.Clone(r.Raw)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(records)
	slices.SortStableFunc(records, func(a, b confluence.Record) int { return a.Time.Compare(b.Time) })
	return records, nil
}
