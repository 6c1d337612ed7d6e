package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fluent-bit-confluence/internal/outbox"
)

// TestModel does anything in any order, with a store that may fail, and compares the outbox with a
// list of batches. The store never has a checkpoint or a fingerprint of a batch that the host does
// not have.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{store: &store{}, limit: rapid.IntRange(1, 120).Draw(t, "limit")}
		m.restart(t)
		t.Repeat(map[string]func(*rapid.T){
			"":            m.check,
			"push":        m.push,
			"push more":   m.push, // more than one in seven
			"next":        m.handOver,
			"acknowledge": m.acknowledge,
			"refuse":      m.refuse,
			"commit":      m.commit,
			"rest":        func(*rapid.T) { m.outbox.Rest() },
			"restart":     m.restart,
		})
	})
}

type model struct {
	outbox  *outbox.Outbox
	store   *store
	limit   int
	serial  int
	queue   []*entry
	durable outbox.Checkpoint // as far as the outbox knows
	highest int               // the newest batch that the host has, with all before it
}

type where int

const (
	waits where = iota
	inFlight
	arrived
)

// entry is a batch, and what it was when it was pushed.
type entry struct {
	batch      *outbox.Batch
	serial     int
	events     []byte
	seen       []outbox.Seen
	checkpoint *outbox.Checkpoint
	where      where
}

func (m *model) bytes(of ...where) (sum int) {
	for _, e := range m.queue {
		if slices.Contains(of, e.where) {
			sum += len(e.events)
		}
	}
	return sum
}

// restart is a crash: what is not committed is lost.
func (m *model) restart(t *rapid.T) {
	o, err := outbox.New(context.Background(), m.store, m.limit, 20)
	if err != nil {
		t.Fatal(err)
	}
	m.outbox, m.queue, m.durable = o, nil, m.store.checkpoint
	m.highest = m.serial // checkpoints of batches that are gone do not come
}

func (m *model) push(t *rapid.T) {
	size := rapid.IntRange(0, 50).Draw(t, "size")
	e := &entry{serial: m.serial + 1, events: bytes.Repeat([]byte{byte(m.serial)}, size), batch: &outbox.Batch{}}
	if size == 0 {
		e.where = arrived // there is nothing to hand over
	}
	for range rapid.IntRange(0, 3).Draw(t, "records") {
		e.seen = append(e.seen, outbox.Seen{Key: drawKey(t), Count: rapid.Uint32Range(0, 2).Draw(t, "count")})
	}
	early := rapid.IntRange(0, len(e.seen)).Draw(t, "before Give")
	e.batch.Seen = slices.Clone(e.seen[:early])
	if rapid.Bool().Draw(t, "give") {
		m.outbox.Give(e.batch, size, len(e.seen))
	}
	e.batch.Events, e.batch.Seen = append(e.batch.Events, e.events...), append(e.batch.Seen, e.seen[early:]...)
	if rapid.Bool().Draw(t, "last of its window") {
		e.checkpoint = &outbox.Checkpoint{Origin: epoch, Head: at(e.serial)}
		e.batch.Checkpoint = e.checkpoint
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel() // so that Push does not wait
	err := m.outbox.Push(ended, e.batch, func() { t.Error("Push did not wait for a minute") })
	if used := m.bytes(waits, inFlight, arrived); used > 0 && used+size > m.limit {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%d bytes went into an outbox of %d that holds %d: %v", size, m.limit, used, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	m.serial, m.queue = e.serial, append(m.queue, e)
}

func (m *model) handOver(t *rapid.T) {
	b := m.outbox.Next()
	n := slices.IndexFunc(m.queue, func(e *entry) bool { return e.where == waits })
	if n < 0 {
		if b != nil {
			t.Fatal("a batch comes, and none waits")
		}
		return
	}
	if e := m.queue[n]; b != e.batch || !bytes.Equal(b.Events, e.events) {
		t.Fatalf("want batch %d with its events", e.serial)
	}
	m.queue[n].where = inFlight
}

// some returns some of the batches that are in flight.
func (m *model) some(t *rapid.T) (some []*entry) {
	for _, e := range m.queue {
		if e.where == inFlight && rapid.Bool().Draw(t, "this one") {
			some = append(some, e)
		}
	}
	return some
}

func (m *model) acknowledge(t *rapid.T) {
	var batches []*outbox.Batch
	for _, e := range m.some(t) {
		e.where = arrived
		batches = append(batches, e.batch)
	}
	m.outbox.Acknowledge(batches)
}

func (m *model) refuse(t *rapid.T) {
	for _, e := range m.some(t) {
		e.where = waits
		m.outbox.Refuse(e.batch)
	}
}

func (m *model) commit(t *rapid.T) {
	m.store.next = outcome(rapid.IntRange(0, int(outcomes)-1).Draw(t, "outcome"))
	tried := len(m.store.commits)
	err := m.outbox.Commit(context.Background())

	n := slices.IndexFunc(m.queue, func(e *entry) bool { return e.where != arrived })
	if n < 0 {
		n = len(m.queue)
	}
	if n == 0 {
		if err != nil || len(m.store.commits) > tried {
			t.Fatalf("the host has nothing, but there was a commit: %v", err)
		}
		return
	}
	want := outbox.Commit{Checkpoint: m.durable, Seen: []outbox.Seen{}}
	for _, e := range m.queue[:n] {
		m.highest = e.serial
		want.Seen = append(want.Seen, e.seen...)
		if e.checkpoint != nil {
			want.Checkpoint = *e.checkpoint
		}
	}
	want.Horizon = want.Checkpoint.Origin
	got := m.store.commits[len(m.store.commits)-1]
	if got.Now.IsZero() || len(m.store.commits) != tried+1 {
		t.Fatalf("%d commits, the last one at %s", len(m.store.commits)-tried, got.Now)
	}
	if want.Now = got.Now; !cmp.Equal(want, got) {
		t.Fatalf("commit (-want +got):\n%s", cmp.Diff(want, got))
	}
	switch m.store.next {
	case works:
		if err != nil {
			t.Fatal(err)
		}
		m.queue, m.durable = slices.Delete(m.queue, 0, n), want.Checkpoint
	case fails, failsLate:
		if !errors.Is(err, errDisk) {
			t.Fatalf("the disk fails, Commit says %v", err)
		}
	case lost:
		if !errors.Is(err, outbox.ErrLost) {
			t.Fatalf("the state is lost, Commit says %v", err)
		}
	}
}

// check is done after every step.
func (m *model) check(t *rapid.T) {
	want := []int{m.bytes(waits, inFlight, arrived), m.bytes(waits), m.bytes(arrived)}
	if got := []int{m.outbox.Bytes(), m.outbox.Waiting(), m.outbox.AcknowledgedBytes()}; !slices.Equal(want, got) {
		t.Fatalf("bytes of all, waiting, acknowledged: %v, want %v", got, want)
	}
	if got := m.outbox.Durable(); !got.Equal(m.durable) {
		t.Fatalf("durable is %s, want %s", got.Head, m.durable.Head)
	}
	if m.store.checkpoint.Started() && m.store.checkpoint.Head.After(at(m.highest)) {
		t.Fatalf("the store has %s, the host has only batch %d", m.store.checkpoint.Head, m.highest)
	}
	known := m.store.seen
	for _, e := range m.queue {
		known = counted(known, e.seen)
		if !bytes.Equal(e.batch.Events, e.events) || !slices.Equal(e.batch.Seen, e.seen) {
			t.Fatalf("batch %d was changed while it is in the outbox", e.serial)
		}
	}
	m.lookUp(t, known)
}

// lookUp compares what the outbox knows of some keys and times.
func (m *model) lookUp(t *rapid.T, known map[outbox.Key]uint32) {
	var keys []outbox.Key
	var times []int64
	for range rapid.IntRange(0, 3).Draw(t, "asked for") {
		keys = append(keys, drawKey(t))
		times = append(times, keys[len(keys)-1].Time)
	}
	counts, err := m.outbox.Count(context.Background(), keys)
	for i, k := range keys {
		if err != nil || counts[i] != known[k] {
			t.Fatalf("%v was delivered %d times, want %d: %v", k, counts[i], known[k], err)
		}
	}
	slices.Sort(times)
	found, err := m.outbox.Delivered(context.Background(), slices.Compact(times))
	got := make(map[outbox.Key]uint32)
	last := int64(0)
	for _, s := range found {
		if s.Key.Time < last || s.Count == 0 {
			t.Fatalf("a count of %d for %d after %d", s.Count, s.Key.Time, last)
		}
		last = s.Key.Time
		if slices.Contains(times, s.Key.Time) { // others may be returned
			if _, twice := got[s.Key]; twice {
				t.Fatalf("%v is returned twice", s.Key)
			}
			got[s.Key] = s.Count
		}
	}
	want := make(map[outbox.Key]uint32)
	for k, n := range known {
		if slices.Contains(times, k.Time) {
			want[k] = n
		}
	}
	if !cmp.Equal(want, got) || err != nil {
		t.Fatalf("delivered (-want +got):\n%s%v", cmp.Diff(want, got), err)
	}
}

func drawKey(t *rapid.T) outbox.Key {
	return key(rapid.Int64Range(1, 5).Draw(t, "time"), rapid.ByteRange(1, 2).Draw(t, "content"))
}
