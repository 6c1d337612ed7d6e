package window

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A range is as long as it has milliseconds. One that is too long for a duration has the longest of
// whole milliseconds.
func TestLength(t *testing.T) {
	t.Parallel()
	if got := (Range{seconds(1), seconds(1)}).Length(); got != Narrowest {
		t.Errorf("a millisecond is %s long", got)
	}
	if got := tenSeconds.Length(); got != 10*time.Second+Narrowest {
		t.Errorf("ten seconds, both ends included, are %s long", got)
	}
	if got := (Range{time.Time{}, seconds(0)}).Length(); got != math.MaxInt64 {
		t.Errorf("ages are %s long", got)
	}
}

// Without takes milliseconds away, and leaves at most two parts, which are not empty.
func TestWithout(t *testing.T) {
	t.Parallel()
	ms := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }
	draw := func(t *rapid.T) Range {
		from := rapid.IntRange(0, 9).Draw(t, "from")
		return Range{ms(from), ms(rapid.IntRange(from, 9).Draw(t, "to"))}
	}
	has := func(r Range, n int) bool { return !ms(n).Before(r.From) && !ms(n).After(r.To) }
	rapid.Check(t, func(t *rapid.T) {
		r, o := draw(t), draw(t)
		rest := r.Without([]Range{{}}, o)[1:]
		for n := range 10 {
			times := 0
			for _, part := range rest {
				if has(part, n) {
					times++
				}
			}
			want := 0
			if has(r, n) && !has(o, n) {
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
