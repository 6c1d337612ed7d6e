package pipeline

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
)

// fakeCandidate is the candidate of one process at a state that several share. The test gives the
// lease.
type fakeCandidate struct {
	store store
	turn  chan *fakeLease
}

// give gives the lease to the process.
func (p *fakeCandidate) give() *fakeLease {
	l := &fakeLease{store: p.store, moving: make(chan struct{}), lost: make(chan struct{}), released: make(chan struct{})}
	p.turn <- l
	return l
}

// Acquire waits until the test gives the lease.
func (p *fakeCandidate) Acquire(ctx context.Context) (lease, error) {
	select {
	case l := <-p.turn:
		return l, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (*fakeCandidate) Ends(done <-chan struct{}) []<-chan struct{} { return []<-chan struct{}{done} }

func (*fakeCandidate) Close() error { return nil }

// fakeLease is a lease of the shared state.
type fakeLease struct {
	store
	moving, lost, released chan struct{}

	mu     sync.Mutex
	fenced bool // another process has the state
}

func (l *fakeLease) Replace(ctx context.Context, v outbox.Version, c outbox.Commit) (outbox.Version, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fenced {
		return v, outbox.ErrLost
	}
	return l.store.Replace(ctx, v, c)
}

func (l *fakeLease) Held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.fenced
}

func (l *fakeLease) Moving() <-chan struct{} { return l.moving }
func (l *fakeLease) Lost() <-chan struct{}   { return l.lost }

func (l *fakeLease) Close() error {
	close(l.released)
	return nil
}

// expire ends the lease before its holder knows.
func (l *fakeLease) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fenced = true
}

// sharing starts a pipeline of a process that shares the state.
func sharing(t *testing.T, url string, store store) (*Pipeline, *fakeCandidate) {
	t.Helper()
	log, _ := logtest.NewNullLogger()
	p, err := New(settings(t, map[string]string{
		"api_url": url, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "start_from": "25h", "poll_interval": "1s",
	}), log, Options{Ready: func() {}, BatchBytes: 4000})
	if err != nil {
		t.Fatal(err)
	}
	at := &fakeCandidate{store: store, turn: make(chan *fakeLease, 1)}
	p.current.Store(nil)
	p.candidate = at
	p.Start(0)
	t.Cleanup(func() { _ = p.Stop(context.Background()) })
	return p, at
}

// next waits for a batch.
func next(t *testing.T, p *Pipeline) *outbox.Batch {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if b := p.Next(); b != nil {
			return b
		}
	}
	t.Fatal("no batch came")
	return nil
}

// An orderly move repeats nothing: the log is released when everything that was read is committed.
func TestMove(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 50})
	server := httptest.NewServer(sim)
	defer server.Close()
	store := state.NewMemory()
	first, at := sharing(t, server.URL, store)
	held := at.give()
	inFlight := next(t, first)
	for first.stats.Records.Load() < 50 {
		time.Sleep(10 * time.Millisecond)
	}
	close(held.moving)
	drain(t, first, 50-inFlight.Records)
	select {
	case <-held.released:
		t.Error("the log is released with a batch in flight")
	case <-time.After(3 * moveCheck):
	}
	first.Acknowledge(inFlight)
	<-held.released
	sim.Add(simulate.Record{})
	second, at := sharing(t, server.URL, store)
	at.give()
	if b := next(t, second); b.Records != 1 {
		t.Errorf("the second process begins with %d records, want the new one", b.Records)
	} else {
		second.Acknowledge(b)
	}
	if b := first.Next(); b != nil {
		t.Error("the first process goes on")
	}
}

// What the reader brings while the log moves is not handed over any more: it would come again.
func TestMoveWhileReading(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 50})
	server := httptest.NewServer(sim)
	defer server.Close()
	first, at := sharing(t, server.URL, state.NewMemory())
	encode, made, goOn := first.encode, make(chan bool), make(chan bool)
	first.encode = func(dst []byte, at time.Time, doc *document.Document, meta event.Meta) []byte {
		made <- true
		<-goOn
		return encode(dst, at, doc, meta)
	}
	held := at.give()
	<-made
	close(held.moving)
	time.Sleep(3 * moveCheck) // the outbox is empty, so the run ends now
	var late *outbox.Batch
	for range 49 {
		goOn <- true
		<-made
		if b := first.Next(); b != nil {
			late = b
		}
	}
	goOn <- true
	if late != nil {
		t.Errorf("%d records are handed over during the move", late.Records)
	}
	<-held.released
}

// unreadable is a state that cannot be read.
type unreadable struct{ store }

func (unreadable) Load(context.Context) (outbox.Checkpoint, outbox.Version, error) {
	return outbox.Checkpoint{}, "", errors.New("no such checkpoint")
}

// A state that cannot be read is left to others for a while.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, at := sharing(t, "http://127.0.0.1:1", unreadable{state.NewMemory()})
		began := time.Now()
		<-at.give().released
		synctest.Wait()
		if !p.stats.Failing() {
			t.Error("nothing fails")
		}
		<-at.give().released
		if again := time.Since(began); again < loadAgain {
			t.Errorf("it is tried again after %s", again)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// After a lease has run out nothing is handed over, and what was not committed comes from the next
// holder: nothing is lost, and only what was in flight comes again. The first process may have the
// log again later.
func TestLost(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 50})
	server := httptest.NewServer(sim)
	defer server.Close()
	store := state.NewMemory()
	first, firstAt := sharing(t, server.URL, store)
	held := firstAt.give()
	inFlight := next(t, first)
	held.expire()
	if b := first.Next(); b != nil {
		t.Error("a batch is handed over after the lease")
	}
	second, secondAt := sharing(t, server.URL, store)
	again := secondAt.give()
	drain(t, second, 50)
	first.Acknowledge(inFlight) // the host had it already
	close(held.lost)
	<-held.released
	close(again.moving)
	<-again.released
	sim.Add(simulate.Record{})
	firstAt.give()
	if b := next(t, first); b.Records != 1 {
		t.Errorf("%d records came, want the new one", b.Records)
	}
}
