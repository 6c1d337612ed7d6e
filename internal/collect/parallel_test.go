package collect

import (
	"fmt"
	"testing"
	"time"

	"fluent-bit-confluence/internal/window"
)

// caughtUp runs a backfill from a site that answers in a second, and returns how long it took.
func caughtUp(t *testing.T, src *site, requests, records int) (took time.Duration, texts []string) {
	t.Helper()
	for n := range records {
		src.add(epoch.Add(-time.Duration(records-n)*10*time.Second), fmt.Sprint("old-", n))
	}
	src.latency = time.Second
	o := Options{Limits: Limits{Window: window.Limits{Records: 300, Page: 100}}, PollInterval: time.Hour, Start: epoch.Add(-time.Duration(records) * 10 * time.Second),
		BackfillRequests: requests, Slowed: src.slowed}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		for took = 0; took < time.Hour && len(r.lines) < records; took += time.Second {
			r.pass(time.Second)
		}
		texts = r.texts()
	})
	return took, texts
}

// A backfill reads several pieces at the same time and delivers them in order, each record once,
// with hardly a request more.
func TestBackfillRequests(t *testing.T) {
	t.Parallel()
	const records = 10_000
	one := &site{}
	alone, _ := caughtUp(t, one, 1, records)
	src := &site{}
	together, texts := caughtUp(t, src, 4, records)
	if 3*together > alone {
		t.Errorf("4 at a time take %v, one at a time takes %v", together, alone)
	}
	if src.most != 4 || one.most != 1 {
		t.Errorf("%d and %d requests at a time, want 4 and 1", src.most, one.most)
	}
	if n, want := len(src.asked()), len(one.asked()); n > want+want/20 {
		t.Errorf("%d requests, and %d one at a time", n, want)
	}
	for n, text := range texts {
		if want := fmt.Sprint("old-", n); text != want {
			t.Fatalf("record %d is %s, want %s", n, text, want)
		}
	}
	if len(texts) != records {
		t.Errorf("%d of %d records", len(texts), records)
	}
}

// A site that asks to slow down when there are three requests at a time is asked with two, and
// seldom tried with more.
func TestBackfillOfALimitedSite(t *testing.T) {
	t.Parallel()
	src := &site{limit: 2}
	_, texts := caughtUp(t, src, 4, 40_000)
	if len(texts) != 40_000 {
		t.Errorf("%d records", len(texts))
	}
	if src.asks == 0 || src.asks > 3 {
		t.Errorf("the site has asked to slow down %d times", src.asks)
	}
}

// The pieces that a collector reads at the same time count among those of the process.
func TestBackfillRequestsOfTheProcess(t *testing.T) {
	t.Parallel()
	slots := NewSlots(3)
	if !slots.try() { // another collector's
		t.Fatal("no slot")
	}
	src := &site{latency: time.Second}
	for n := range 5_000 {
		src.add(epoch.Add(-time.Duration(n)*10*time.Second), fmt.Sprint("old-", n))
	}
	o := Options{Limits: Limits{Window: window.Limits{Records: 300, Page: 100}}, PollInterval: time.Hour, Start: epoch.Add(-5_000 * 10 * time.Second),
		BackfillRequests: 4, Slots: slots}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if len(r.lines) != 5_000 {
			t.Errorf("%d records", len(r.lines))
		}
		if n := len(slots.taken); n != 1 {
			t.Errorf("%d slots are taken after the backfill, want that of the other collector", n)
		}
	})
	if src.most > 3 { // its own, and those that were free
		t.Errorf("%d requests at a time", src.most)
	}
}
