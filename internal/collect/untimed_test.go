package collect

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// If times cannot be read, and more records are new than a window holds, none is lost: that window
// has no time from which on it has all.
func TestManyUntimedInAPoll(t *testing.T) {
	t.Parallel()
	type placed struct {
		place time.Time
		atlassian.Record
	}
	var mu sync.Mutex
	log := []placed{{epoch.Add(-time.Second), atlassian.Record{Time: epoch.Add(-time.Second), Raw: []byte("timed")}}} // oldest first
	src := &site{serve: func(_ context.Context, r timerange.Range, yield func(atlassian.Record) error) error {
		mu.Lock()
		listed := slices.Clone(log)
		mu.Unlock()
		for _, rec := range slices.Backward(listed) {
			if !r.Contains(rec.place) {
				continue
			}
			if err := yield(rec.Record); err != nil {
				return err
			}
		}
		return nil
	}}
	bubble(t, src, &store{}, Options{Limits: few, RescanInterval: 24 * time.Hour}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		want := []string{"timed"}
		for n := range 150 {
			want = append(want, fmt.Sprint("untimed-", n))
			mu.Lock()
			log = append(log, placed{time.Now().Add(time.Duration(n-250) * 50 * time.Millisecond), atlassian.Record{Raw: []byte(want[n+1])}})
			mu.Unlock()
		}
		r.pass(30 * time.Minute)
		got := r.texts()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(want, got) {
			t.Errorf("%d records, want %d", len(got), len(want))
		}
		if n := r.stats.Late.Load(); n > 0 {
			t.Errorf("%d records without a time are late", n)
		}
	})
}
