package state

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

// A rewind counts and forgets the records from its millisecond on, and those without a time that
// were delivered less than an hour before it or later: all copies of each.
func TestRewindToTheMillisecond(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	f := open1(t, path)
	then := now.Add(-time.Hour)
	timed := []outbox.Key{key(then.Add(-ms), 1), key(then, 1), key(then, 2), key(now, 1)}
	untimed := []outbox.Key{key(time.Time{}, 1), key(time.Time{}, 2), key(time.Time{}, 3)}
	since := outbox.Rewinding{To: then}.Untimed()
	delivered := []time.Time{since.Add(-ms), since, now}
	for n, at := range delivered {
		c := outbox.Commit{Checkpoint: outbox.Checkpoint{Head: now}, Horizon: at.Add(-48 * time.Hour), Now: at, Seen: []outbox.Seen{{Key: untimed[n], Count: 300}}}
		if n == 0 {
			for n, k := range timed {
				c.Seen = append(c.Seen, outbox.Seen{Key: k, Count: uint32(n + 1)})
			}
		}
		if err := replace(f, c); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	var plan outbox.Rewinding
	if err := Rewind(path, site, then.Add(ms-1), func(p outbox.Rewinding) error { plan = p; return nil }); err != nil {
		t.Fatal(err)
	}
	if want := 2 + 3 + 4 + 2*300; plan.Records != want || !plan.To.Equal(then) || !plan.From.Equal(now) {
		t.Errorf("says %+v, want %d records since %s", plan, want, then)
	}
	f = open1(t, path)
	if diff := cmp.Diff([]uint32{1, 0, 0, 0, 300, 0, 0}, counts(t, f, append(timed, untimed...)...)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if c, _, _ := f.Load(t.Context()); len(c.Pending) != 1 || !c.Pending[0].From.Equal(then) {
		t.Errorf("pending are %v, want all since %s", c.Pending, then)
	}
	f.Close()
	if err := Rewind(path, site, now.Add(ms-1), func(outbox.Rewinding) error { return nil }); err != nil {
		t.Errorf("to the newest record: %v", err)
	}
}
