package outbox_test

import (
	"slices"
	"testing"

	"fluent-bit-confluence/internal/outbox"
)

// mostSpare is how many buffers are kept.
const mostSpare = 40

// spent makes an outbox with the buffers of one committed batch for each size.
func spent(t *testing.T, sizes ...int) *outbox.Outbox {
	t.Helper()
	o := newOutbox(t, &store{})
	use(t, o, sizes...)
	return o
}

func use(t *testing.T, o *outbox.Outbox, sizes ...int) {
	t.Helper()
	for _, size := range sizes {
		b := &outbox.Batch{Events: make([]byte, 1, size), Seen: make([]outbox.Seen, 1, 7), Times: make([]int64, 1, 7)}
		if err := o.Push(t.Context(), b, nil); err != nil {
			t.Fatal(err)
		}
		if pass(t, o); b.Events != nil || b.Seen != nil || b.Times != nil {
			t.Error("a committed batch still has its buffers, which others may use")
		}
	}
}

// given returns the room of n buffers: 1 for each that is new.
func given(o *outbox.Outbox, n int) (sizes []int) {
	for range n {
		b := &outbox.Batch{}
		o.Give(b, 1, 1)
		sizes = append(sizes, cap(b.Events))
	}
	return sizes
}

// Buffers of about the size of a batch are used again, and no more than some.
func TestBuffersAreUsedAgain(t *testing.T) {
	t.Parallel()
	// a full batch has 40 bytes
	if got := given(spent(t, 19, 20, 80, 81), 3); !slices.Equal(got, []int{80, 20, 1}) {
		t.Errorf("given buffers of %v, want those of half to twice a batch, then a new one", got)
	}
	sizes := slices.Repeat([]int{40}, mostSpare+1)
	want := slices.Clone(sizes)
	want[mostSpare] = 1
	if got := given(spent(t, sizes...), mostSpare+1); !slices.Equal(got, want) {
		t.Errorf("given buffers of %v, want %d used ones and a new one", got, mostSpare)
	}
}

// While nothing is read no buffers are kept, until one is asked for.
func TestRestFreesBuffers(t *testing.T) {
	t.Parallel()
	o := spent(t, 40)
	o.Rest()
	use(t, o, 40)
	if got := given(o, 1); got[0] != 1 {
		t.Errorf("while it rests it keeps a buffer of %d", got[0])
	}
	use(t, o, 40)
	if got := given(o, 1); got[0] != 40 {
		t.Errorf("after its rest it gives a buffer of %d, want the used one", got[0])
	}
}

// A batch may have fingerprints before it has buffers: they stay, whichever buffers it gets.
func TestGiveKeepsFingerprints(t *testing.T) {
	t.Parallel()
	o := spent(t, 40)
	had := []outbox.Seen{{Key: key(1, 1), Count: 1}, {Key: key(1, 2), Count: 0}, {Key: key(2, 1), Count: 2}}
	for _, what := range []string{"used", "new"} {
		b := &outbox.Batch{Seen: slices.Clone(had)}
		if o.Give(b, 40, 2); !slices.Equal(b.Seen, had) || len(b.Events) > 0 || len(b.Times) > 0 {
			t.Errorf("a batch with %s buffers begins with %v, %d bytes and %d times", what, b.Seen, len(b.Events), len(b.Times))
		}
		if cap(b.Events) < 40 || cap(b.Times) < 2 {
			t.Errorf("%s buffers have room for %d bytes and %d times", what, cap(b.Events), cap(b.Times))
		}
	}
}
