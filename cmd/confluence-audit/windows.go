package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/record"
)

// A site gives the newest record first, an export begins with the oldest. So the time is cut into windows, each kept in
// memory whole and no larger than this.
const (
	maxRecords = 10_000
	maxBytes   = 32 << 20
)

var errFull = errors.New("window holds too many records")

// run writes window after window and returns the time before which all is written.
func (e *exporter) run(ctx context.Context, w io.Writer) (time.Time, error) {
	e.seen = make(map[record.Fingerprint]int)
	if e.from.Before(beginning) {
		e.from = beginning
	}
	at, end := e.from.Truncate(time.Millisecond), e.to.Truncate(time.Millisecond)
	width := time.Hour
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
		if err := e.write(w, records); err != nil {
			return at, err
		}
		if len(records) < maxRecords/8 {
			width = min(width*4, 10*365*24*time.Hour)
		}
		at = to.Add(time.Millisecond)
		e.showProgress(e.from, at, end)
	}
	return at, nil
}

// readPatiently reads again after faults that pass by themselves.
func (e *exporter) readPatiently(ctx context.Context, from, to time.Time) ([]confluence.Record, error) {
	const tries = 6
	for try := 1; ; try++ {
		records, err := e.read(ctx, from, to)
		var refusal *confluence.Error
		if !errors.As(err, &refusal) || !refusal.Temporary() || try == tries {
			return records, err
		}
		wait := max(refusal.RetryAfter, time.Second<<try)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
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
