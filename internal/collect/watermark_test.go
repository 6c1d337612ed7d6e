package collect

import (
	"fmt"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/window"
)

// Records that a killed run has not delivered are read before ranges that were delivered once,
// however often the collector is killed.
func TestUndeliveredRecordsBeforeOldOnesAfterKills(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	for i := range 400 {
		src.add(seconds(float64(i-1000)), fmt.Sprint("old-", i))
	}
	o := Options{Limits: few, Start: epoch.Add(-time.Hour)}
	bubble(t, src, st, o, func(t *testing.T, r *run) { r.pass(time.Minute) })
	const many = 600
	for i := range many {
		src.add(seconds(float64(i)/10-590), fmt.Sprint("new-", i))
	}
	src.latency = time.Second
	came := 0
	for life := 0; came < many; life++ {
		bubble(t, src, st, o, func(t *testing.T, r *run) {
			for n := 0; n < 6 && came+len(r.lines) < many; n++ {
				r.pass(time.Second)
			}
			if n := r.stats.Repeats.Load(); n > 0 || life > many/100 {
				t.Errorf("life %d: %d records were read again before the new ones, of which %d have come", life, n, came+len(r.lines))
			}
			came += len(r.lines)
		})
		if t.Failed() {
			return
		}
	}
}

// After a restart in a long catch-up new records do not wait for its end.
func TestNewRecordsBeforeALongCatchUp(t *testing.T) {
	t.Parallel()
	src, st := long(2000, time.Hour), &store{}
	src.latency = time.Second
	o := Options{Start: epoch.Add(-2001 * time.Hour), Limits: few}
	bubble(t, src, st, o, func(t *testing.T, r *run) { r.pass(14 * time.Second) })
	if w := st.checkpoint.Watermark; !w.After(o.Start) || w.After(epoch.Add(-1000*time.Hour)) {
		t.Fatalf("the catch-up has come to %s, want some and not most", w)
	}
	for i := range 150 {
		src.add(seconds(float64(i)/10-20), fmt.Sprint("new-", i))
	}
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		r.pass(8 * time.Second)
		for i, text := range r.texts() {
			if want := fmt.Sprint("new-", i); i < 150 && text != want {
				t.Fatalf("%s came, want %s", text, want)
			}
		}
	})
}

// No record before the watermark waits for its first delivery.
func TestWatermark(t *testing.T) {
	t.Parallel()
	of := func(from, to float64) window.Range { return window.Range{From: seconds(from), To: seconds(to)} }
	start := outbox.Checkpoint{Origin: seconds(-900), Head: seconds(-900)}.Advanced()
	ahead := outbox.Checkpoint{Origin: seconds(-900), Head: seconds(0), Watermark: seconds(0)}
	for name, tt := range map[string]struct {
		c     outbox.Checkpoint
		after float64 // the watermark
		first window.Range
	}{
		"nothing delivered": {start.Postpone(of(-900, 0), seconds(-1)), -900.001, of(-900, 0)},
		"part of it":        {start.Postpone(of(-900, 0), seconds(-1)).Done(of(-900, -800)), -800, of(-799.999, 0)},
		"all of it":         {start.Postpone(of(-900, 0), seconds(-1)).Done(of(-900, 0)), -1, window.Range{}},
		"its end":           {start.Postpone(of(-900, 0), seconds(-1)).Done(of(-100, 0)), -900.001, of(-900, -100.001)},
		"look back":         {ahead.Postpone(of(-300, 60), seconds(50)), 0, of(0.001, 60)},
		"only the look back": {
			ahead.Postpone(of(-300, 60), seconds(50)).Done(of(0.001, 60)), 50, of(-300, 0),
		},
		"missed":             {ahead.Missed(of(-500, -400)), -500.001, of(-500, -400)},
		"rewound":            {ahead.Rewound(seconds(-500)), 0, of(-500, 0)},
		"rewound, then more": {ahead.Rewound(seconds(-500)).Postpone(of(1, 60), seconds(50)), 0.999, of(1, 60)},
		"of a program without": {
			outbox.Checkpoint{Head: seconds(0), Pending: []window.Range{of(-500, -400), of(-300, -200)}}, -500.001, of(-500, -400),
		},
		"of one without, nothing pending": {outbox.Checkpoint{Head: seconds(0)}, 0, window.Range{}},
		"of one without, rewound":         {outbox.Checkpoint{Head: seconds(0)}.Rewound(seconds(-500)), 0, of(-500, 0)},
	} {
		c := tt.c.Advanced()
		if !c.Watermark.Equal(seconds(tt.after)) {
			t.Errorf("%s: the watermark is %s, want %s", name, c.Watermark, seconds(tt.after))
		}
		if len(c.Pending) > 0 && c.First() != tt.first {
			t.Errorf("%s: begins with %v, want %v", name, c.First(), tt.first)
		}
	}
}
