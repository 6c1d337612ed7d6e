package main

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// latency is how long the server of the backfill takes to answer.
const latency = 300 * time.Millisecond

// A backfill is a year of records from a slow server.
type backfill struct {
	row
	Requests int
}

// Bound returns how long the plugin waited for the server.
func (f backfill) Bound() time.Duration { return time.Duration(f.Requests) * latency }

// fillBack measures a backfill of 365 days. That is the retention of the site too, so the oldest
// record is some hours younger.
func (b *bench) fillBack(ctx context.Context) backfill {
	f := backfill{row: row{Who: plugin, Site: simulate.Cloud, Schema: "raw", To: "null", Records: b.backfill}}
	f.row = b.measure(ctx, f.row, func(ctx context.Context, r *row) (err error) {
		year := site(r.Site, r.Records)
		year.History, year.Latency = 365*24*time.Hour-6*time.Hour, latency
		s, err := startServer(ctx, year)
		if err != nil {
			return err
		}
		defer s.account(r, &err)
		h, err := b.start(r, "", input(r.dir, s.URL, r.Site, r.Records).With(rig.Keys{"start_from": "365d"}))
		if err != nil {
			return err
		}
		err = h.finish(ctx, r)
		var errCount error
		f.Requests, errCount = s.requests(ctx)
		return errors.Join(err, errCount)
	})
	return f
}
