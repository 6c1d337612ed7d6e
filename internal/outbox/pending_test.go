package outbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

func of(from, to int) timerange.Range { return timerange.Range{From: at(from), To: at(to)} }

// span is how many milliseconds there are in the model of pending ranges.
const span = 20

// Pending ranges are a set of milliseconds: Postpone adds to it, Done takes away. They stay in
// order and apart, and a checkpoint that was copied does not change.
func TestPending(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var c outbox.Checkpoint
		var pending [span]bool
		head := 0
		draw := func() (from, to int) {
			from = rapid.IntRange(0, span-1).Draw(t, "from")
			return from, rapid.IntRange(from, span-1).Draw(t, "to")
		}
		t.Repeat(map[string]func(*rapid.T){
			"postpone": func(t *rapid.T) {
				from, to := draw()
				newest := rapid.IntRange(1, span).Draw(t, "newest")
				c = unchanged(t, c, func() outbox.Checkpoint { return c.Postpone(of(from, to), at(newest)) })
				head = max(head, newest)
				for ms := from; ms <= to; ms++ {
					pending[ms] = true
				}
			},
			"done": func(t *rapid.T) {
				from, to := draw()
				c = unchanged(t, c, func() outbox.Checkpoint { return c.Done(of(from, to)) })
				for ms := from; ms <= to; ms++ {
					pending[ms] = false
				}
			},
			"": func(t *rapid.T) {
				if head > 0 && !c.Head.Equal(at(head)) {
					t.Fatalf("head is %s, want %s", c.Head, at(head))
				}
				sum := 0
				for ms, want := range pending {
					if c.Waits(at(ms)) != want || c.Waits(at(ms)) != covers(c.Pending, ms) {
						t.Fatalf("millisecond %d is pending: %v, want %v", ms, c.Waits(at(ms)), want)
					}
					if want {
						sum++
					}
				}
				if c.Left() != time.Duration(sum)*time.Millisecond || !apart(c.Pending) {
					t.Fatalf("%s are left of %v, want %d ms", c.Left(), c.Pending, sum)
				}
				from, to := draw()
				rest := unchanged(t, c, func() []timerange.Range { return c.Apart(of(from, to)) })
				for ms, is := range pending {
					if got, want := covers(rest, ms), from <= ms && ms <= to && !is; got != want {
						t.Fatalf("of %d to %d, %v are apart from %v", from, to, rest, c.Pending)
					}
				}
				if !apart(rest) {
					t.Fatalf("%v overlap or touch no order", rest)
				}
			},
		})
	})
}

// unchanged fails if do changes c.
func unchanged[T any](t *rapid.T, c outbox.Checkpoint, do func() T) T {
	before := c
	before.Pending = slices.Clone(c.Pending)
	result := do()
	if !cmp.Equal(before, c) {
		t.Fatalf("the old checkpoint has changed (-before +after):\n%s", cmp.Diff(before, c))
	}
	return result
}

func covers(ranges []timerange.Range, ms int) bool {
	return slices.ContainsFunc(ranges, func(r timerange.Range) bool { return r.Contains(at(ms)) })
}

// apart reports whether ranges are not empty, disjoint and oldest first.
func apart(ranges []timerange.Range) bool {
	for i, r := range ranges {
		if r.To.Before(r.From) || i > 0 && !r.From.After(ranges[i-1].To) {
			return false
		}
	}
	return true
}
