package collect

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// A site that lists records of one millisecond, or without a time, without end is an outage that is
// logged, and memory stays bounded.
func TestEndlessMillisecond(t *testing.T) {
	t.Parallel()
	const most = 10_000
	for name, at := range map[string]time.Time{"one millisecond": epoch.Add(-time.Hour), "without a time": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &site{}
			src.serve = func(ctx context.Context, r timerange.Range, yield func(atlassian.Record) error) error {
				if !at.IsZero() && !r.Contains(at) {
					return nil
				}
				for served := 0; ctx.Err() == nil; served++ {
					if err := yield(atlassian.Record{Time: at, Raw: fmt.Appendf(nil, "r%d", served)}); err != nil {
						return err
					}
					if served > 2*most {
						t.Fatal("it reads on and on")
					}
				}
				return ctx.Err()
			}
			bubble(t, src, &store{}, Options{Limits: Limits{Millisecond: most, Queued: 100_000}, BatchBytes: 10_000}, func(t *testing.T, r *run) {
				r.pass(3 * time.Minute)
				if n := r.count("more than 10000 records of one millisecond"); n != 1 || !r.stats.Failing() {
					t.Errorf("logged %d times, failing: %v:\n%s", n, r.stats.Failing(), strings.Join(r.log.lines(), "\n"))
				}
				if n := len(r.lines); n == 0 || n > most {
					t.Errorf("%d records came, want those that were read, each once", n)
				}
			})
		})
	}
}

// A stream that breaks off starts again, and its delivered records are not repeated. Identical
// records in different parts are told apart.
func TestStreamBreaksOff(t *testing.T) {
	t.Parallel()
	const n = 500
	src, at := &site{}, epoch.Add(-time.Hour)
	for i := range n {
		src.add(at, fmt.Sprint("same-", i%(n/2))) // each of them twice, far apart
	}
	tries := 0
	src.serve = func(_ context.Context, r timerange.Range, yield func(atlassian.Record) error) error {
		if !r.Contains(at) {
			return nil
		}
		for i, rec := range src.records {
			if r.From.Equal(r.To) && i == n*(tries+1)/4 && tries < 3 {
				tries++
				return fmt.Errorf("connection reset")
			}
			if err := yield(rec); err != nil {
				return err
			}
		}
		return nil
	}
	bubble(t, src, &store{}, Options{Limits: few}, func(t *testing.T, r *run) {
		r.pass(3 * time.Minute)
		times := make(map[string]int)
		for _, text := range r.texts() {
			times[text]++
		}
		if len(times) != n/2 || len(r.lines) != n || tries != 3 {
			t.Errorf("%d different records of %d, %d in all of %d, after %d tries", len(times), n/2, len(r.lines), n, tries)
		}
	})
}
