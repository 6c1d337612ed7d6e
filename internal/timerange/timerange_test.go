package timerange

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ms(n int) time.Time { return time.UnixMilli(1_795_288_131_616 + int64(n)).UTC() }

// Both ends belong to a range.
func TestContains(t *testing.T) {
	t.Parallel()
	r := Range{ms(1), ms(3)}
	for n, want := range []bool{false, true, true, true, false} {
		if got := r.Contains(ms(n)); got != want {
			t.Errorf("1 to 3 contains %d: %v", n, got)
		}
	}
}

// A range is as long as it has milliseconds. One that is too long for a duration has the longest of
// whole milliseconds.
func TestLength(t *testing.T) {
	t.Parallel()
	if got := (Range{ms(1), ms(1)}).Length(); got != Resolution {
		t.Errorf("a millisecond is %s long", got)
	}
	if got := (Range{ms(0), ms(10_000)}).Length(); got != 10*time.Second+Resolution {
		t.Errorf("ten seconds, both ends included, are %s long", got)
	}
	if got := (Range{time.Time{}, ms(0)}).Length(); got != math.MaxInt64 {
		t.Errorf("ages are %s long", got)
	}
}

// Without takes milliseconds away, and leaves at most two parts, which are not empty.
func TestWithout(t *testing.T) {
	t.Parallel()
	draw := func(t *rapid.T) Range {
		from := rapid.IntRange(0, 9).Draw(t, "from")
		return Range{ms(from), ms(rapid.IntRange(from, 9).Draw(t, "to"))}
	}
	rapid.Check(t, func(t *rapid.T) {
		r, o := draw(t), draw(t)
		rest := r.Without([]Range{{}}, o)[1:]
		for n := range 10 {
			times := 0
			for _, part := range rest {
				if part.Contains(ms(n)) {
					times++
				}
			}
			want := 0
			if r.Contains(ms(n)) && !o.Contains(ms(n)) {
				want = 1
			}
			if times != want {
				t.Fatalf("%v without %v is %v", r, o, rest)
			}
		}
		for n, part := range rest {
			if part.To.Before(part.From) || n > 0 && !part.From.After(rest[n-1].To) {
				t.Fatalf("%v without %v has the part %v", r, o, part)
			}
		}
	})
}
