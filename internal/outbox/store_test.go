package outbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// Errors of the store come through, with what was tried.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	st := &store{}
	o := newOutbox(t, st)
	st.err = errDisk
	for what, do := range map[string]func() error{
		"load checkpoint":      func() error { _, err := outbox.New(t.Context(), st, 1, 1); return err },
		"look up fingerprints": func() error { _, err := o.Count(t.Context(), []outbox.Key{key(1, 1)}); return err },
		"look up fingerprints, of times": func() error {
			_, err := o.Delivered(t.Context(), []int64{1})
			return err
		},
		"save the start": func() error {
			st.next = fails
			return o.Begin(t.Context(), outbox.Checkpoint{Head: epoch})
		},
	} {
		if err := do(); !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if o.Durable().Started() {
		t.Error("a start that was not saved counts as durable")
	}
}

// The start of a first run is durable at once, and the next commit goes on from it.
func TestBegin(t *testing.T) {
	t.Parallel()
	st := &store{}
	o := newOutbox(t, st)
	start := outbox.Checkpoint{Origin: at(0), Head: at(0), Forgotten: at(5)}
	if err := o.Begin(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if c := st.commits[0]; !c.Checkpoint.Equal(start) || !c.Horizon.Equal(at(5)) || time.Since(c.Now) > time.Hour {
		t.Errorf("the first commit is %+v", c)
	}
	if !o.Durable().Equal(start) {
		t.Errorf("durable is %+v", o.Durable())
	}
	push(t, o, 1)
	pass(t, o)
	if c := st.commits[1]; !c.Checkpoint.Equal(start) {
		t.Errorf("a batch within a window moves the checkpoint to %+v", c.Checkpoint)
	}
}

// during is a store during whose look-ups a commit goes on.
type during struct {
	*store
	do func()
}

func (s *during) Count(ctx context.Context, keys []outbox.Key) ([]uint32, error) {
	s.do()
	return s.store.Count(ctx, keys)
}

// A batch that is committed while its records are looked up counts once.
func TestLookUpDuringACommit(t *testing.T) {
	t.Parallel()
	st := &during{store: &store{}}
	o := newOutbox(t, st)
	if err := o.Push(t.Context(), &outbox.Batch{Events: []byte("e"), Seen: []outbox.Seen{{Key: key(1, 1), Count: 1}}}, nil); err != nil {
		t.Fatal(err)
	}
	st.do = func() { pass(t, o) }
	if counts, err := o.Count(t.Context(), []outbox.Key{key(1, 1)}); err != nil || counts[0] != 1 {
		t.Errorf("counted %v: %v", counts, err)
	}
	if len(st.commits) != 1 {
		t.Errorf("%d commits", len(st.commits))
	}
}
