package state

import (
	"slices"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// Memory forgets the fingerprints before the horizon when that has moved by more than an hour, and
// keeps those at it and those without a time.
func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	m := NewMemory()
	later := now.Add(time.Hour + ms)
	keys := []outbox.Key{key(now, 1), key(now, 2), key(later, 1), key(later, 2), key(time.Time{}, 1), key(time.Time{}, 2)}
	var seen []outbox.Seen
	for _, k := range keys {
		seen = append(seen, outbox.Seen{Key: k, Count: 1})
	}
	for _, step := range []struct {
		name    string
		horizon time.Time
		seen    []outbox.Seen
		want    []uint32
	}{
		{"what is at the horizon is kept", now, seen, []uint32{1, 1, 1, 1, 1, 1}},
		{"an hour is not enough", now.Add(time.Hour), nil, []uint32{1, 1, 1, 1, 1, 1}},
		{"more is", later, nil, []uint32{0, 0, 1, 1, 1, 1}},
		{"a little more is not, and what is older than the horizon is not kept", later.Add(ms), seen[:2], []uint32{0, 0, 1, 1, 1, 1}},
	} {
		if err := replace(m, outbox.Commit{Seen: step.seen, Horizon: step.horizon, Now: now}); err != nil {
			t.Fatal(err)
		}
		if got := counts(t, m, keys...); !slices.Equal(got, step.want) {
			t.Errorf("%s: counts %v, want %v", step.name, got, step.want)
		}
	}
}
