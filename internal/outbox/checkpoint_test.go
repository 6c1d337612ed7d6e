package outbox_test

import (
	"reflect"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

func TestStarted(t *testing.T) {
	t.Parallel()
	if (outbox.Checkpoint{Origin: at(1)}).Started() || !(outbox.Checkpoint{Head: at(1)}).Started() {
		t.Error("a checkpoint is started once it has a newest record")
	}
}

// Fingerprints are kept for all that is read again: the look-back before the newest record, and
// everything pending.
func TestHorizon(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pending []timerange.Range
		want    int
	}{
		"nothing pending":          {nil, 90},
		"pending in the look-back": {[]timerange.Range{of(95, 96)}, 90},
		"pending before it":        {[]timerange.Range{of(50, 60), of(95, 96)}, 50},
	} {
		c := outbox.Checkpoint{Head: at(100), Pending: tt.pending}
		if got := c.Horizon(10 * time.Millisecond); !got.Equal(at(tt.want)) {
			t.Errorf("%s: %s, want %s", name, got, at(tt.want))
		}
	}
}

// Nothing is read from before the start, nor from before the oldest fingerprint.
func TestBeginOfReading(t *testing.T) {
	t.Parallel()
	for _, c := range []outbox.Checkpoint{{Origin: at(3), Forgotten: at(2)}, {Origin: at(2), Forgotten: at(3)}, {Origin: at(3)}} {
		if got := c.Begin(); !got.Equal(at(3)) {
			t.Errorf("%+v begins at %s", c, got)
		}
	}
}

// Every field makes two checkpoints differ, so that its change is committed, but for Forgotten.
func TestEqual(t *testing.T) {
	t.Parallel()
	same := outbox.Checkpoint{Head: at(1), Pending: []timerange.Range{of(1, 2)}}
	elsewhere := outbox.Checkpoint{Head: at(1).In(time.FixedZone("", 3600)), Pending: []timerange.Range{{From: at(1).In(time.FixedZone("", 3600)), To: at(2)}}}
	if !same.Equal(elsewhere) {
		t.Error("the zone in which a time is written makes a difference")
	}
	for i := range reflect.TypeFor[outbox.Checkpoint]().NumField() {
		var c outbox.Checkpoint
		field := reflect.ValueOf(&c).Elem().Field(i)
		name := reflect.TypeFor[outbox.Checkpoint]().Field(i).Name
		switch v := field.Addr().Interface().(type) {
		case *time.Time:
			*v = at(1)
		case *string:
			*v = "x"
		case *[]timerange.Range:
			*v = []timerange.Range{of(1, 2)}
		default:
			t.Fatalf("%s has a type that this test does not know", name)
		}
		if got, want := c.Equal(outbox.Checkpoint{}), name == "Forgotten"; got != want {
			t.Errorf("checkpoints with another %s are equal: %v", name, got)
		}
	}
	for _, pending := range []timerange.Range{of(0, 2), of(1, 3)} {
		if same.Equal(outbox.Checkpoint{Head: at(1), Pending: []timerange.Range{pending}}) {
			t.Errorf("pending %v counts as pending %v", pending, same.Pending)
		}
	}
}

// A rewind goes back before the start and the oldest fingerprint, to a whole millisecond. What is
// pending anyway stays so.
func TestRewound(t *testing.T) {
	t.Parallel()
	c := outbox.Checkpoint{Origin: at(50), Forgotten: at(60), Head: at(100), Pending: []timerange.Range{of(70, 80)}, Watermark: at(65)}
	got := c.Rewound(at(40).Add(300 * time.Microsecond).In(time.FixedZone("", 3600)))
	want := outbox.Checkpoint{Origin: at(40), Forgotten: at(40), Head: at(100), Pending: []timerange.Range{of(40, 100)}, Watermark: at(69)}
	if !got.Equal(want) || got.Forgotten != want.Forgotten {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := c.Rewound(at(90)); !got.Origin.Equal(at(50)) || !got.Forgotten.Equal(at(60)) {
		t.Errorf("a short rewind moves the start to %s, and the fingerprints to %s", got.Origin, got.Forgotten)
	}
}
