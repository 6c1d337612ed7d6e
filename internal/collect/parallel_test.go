package collect

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fluent-bit-confluence/internal/window"
)

// caughtUp runs a backfill of a site that answers after a second and returns how long it took.
func caughtUp(t *testing.T, src *site, requests, records int) (took time.Duration, texts []string) {
	t.Helper()
	for n := range records {
		src.add(epoch.Add(-time.Duration(records-n)*10*time.Second), fmt.Sprint("old-", n))
	}
	src.latency = time.Second
	o := Options{Limits: Limits{Window: window.Limits{Records: 150, Page: 100}}, PollInterval: time.Hour, Start: epoch.Add(-time.Duration(records) * 10 * time.Second),
		BackfillRequests: requests, Slowed: src.slowed}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		for took = 0; took < time.Hour && len(r.lines) < records; took += time.Second {
			r.pass(time.Second)
		}
		texts = r.texts()
	})
	return took, texts
}

// A backfill reads several windows at the same time and delivers them in order, each record once.
func TestParallelBackfill(t *testing.T) {
	t.Parallel()
	const records = 5_000
	alone, _ := caughtUp(t, &site{}, 1, records)
	src := &site{}
	together, texts := caughtUp(t, src, 4, records)
	if together > alone/3 {
		t.Errorf("4 at a time take %v, one at a time takes %v", together, alone)
	}
	if src.most != 4 {
		t.Errorf("%d requests at a time, want 4", src.most)
	}
	want := make([]string, records)
	for n := range want {
		want[n] = fmt.Sprint("old-", n)
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%d records, not all once and oldest first", len(texts))
	}
	seen := map[window.Range]bool{}
	for _, read := range src.asked() {
		if seen[read] {
			t.Errorf("%v was read twice", read)
		}
		seen[read] = true
	}
}

// A site that asks to wait when there are three requests at a time is asked with two, and is seldom
// tried with more.
func TestParallelBackfillOfALimitedSite(t *testing.T) {
	t.Parallel()
	src := &site{limit: 2}
	_, texts := caughtUp(t, src, 4, 20_000)
	if len(texts) != 20_000 {
		t.Errorf("%d records", len(texts))
	}
	if src.asks > 3 {
		t.Errorf("the site has asked to wait %d times", src.asks)
	}
}
