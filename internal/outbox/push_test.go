package outbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// Push waits while the outbox is full, and only a commit makes room. After a minute it says so,
// once, even if there was some room meanwhile.
func TestPushWaitsForACommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(t, &store{})
		push(t, o, 10)
		push(t, o, 90)
		began := time.Now()
		var said []time.Duration
		done := make(chan error, 1)
		last := &outbox.Batch{Events: make([]byte, 11)}
		go func() {
			done <- o.Push(t.Context(), last, func() { said = append(said, time.Since(began)) })
		}()
		first, second := o.Next(), o.Next()
		time.Sleep(40 * time.Second)
		o.Acknowledge([]*outbox.Batch{first})
		if err := o.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		if o.Bytes() != 90 {
			t.Errorf("%d bytes, want those of the second batch: there was no room for the third", o.Bytes())
		}
		o.Acknowledge([]*outbox.Batch{second})
		synctest.Wait()
		if o.Bytes() != 90 {
			t.Errorf("%d bytes: an acknowledged batch counts until it is committed", o.Bytes())
		}
		if err := o.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil || o.Next() != last {
			t.Errorf("the third batch did not come: %v", err)
		}
		if len(said) != 1 || said[0] != time.Minute {
			t.Errorf("it said that it waits after %v, want once after a minute", said)
		}
	})
}

// A batch that is larger than the outbox is accepted, but alone.
func TestPushOfTooLargeABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(t, &store{})
		push(t, o, 500)
		done := make(chan error, 1)
		go func() { done <- o.Push(t.Context(), &outbox.Batch{Events: make([]byte, 1)}, nil) }()
		synctest.Wait()
		if o.Bytes() != 500 {
			t.Errorf("%d bytes", o.Bytes())
		}
		pass(t, o)
		if err := <-done; err != nil || o.Bytes() != 1 {
			t.Errorf("%d bytes: %v", o.Bytes(), err)
		}
	})
}

// Arrived tells the committing goroutine of a batch that was queued, and of batches that were
// acknowledged. Nobody has to listen.
func TestArrived(t *testing.T) {
	t.Parallel()
	o := newOutbox(t, &store{})
	told := func() bool {
		select {
		case <-o.Arrived:
			return true
		default:
			return false
		}
	}
	push(t, o, 1)
	push(t, o, 1)
	if !told() || told() {
		t.Error("two batches were queued: one signal is wanted")
	}
	b := o.Next()
	o.Refuse(b)
	if told() {
		t.Error("a refusal is nothing to commit")
	}
	o.Acknowledge([]*outbox.Batch{o.Next()})
	if !told() {
		t.Error("no signal of a batch that was acknowledged")
	}
}
