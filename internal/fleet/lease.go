package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// A Lease is the right of this process to read a log, from one acquisition to the release or the
// loss. The renewal of the member renews all its leases. A Lease is the [outbox.Store] of its log:
// its commits fail as soon as another member has the log.
type Lease struct {
	candidate    *Candidate
	id, epoch    int64
	token        string
	moving, lost chan struct{}

	// Guarded by the lock of the member.
	ended bool
	moved bool

	commits  sync.Mutex
	attempts int64 // the highest sequence that was sent
	pruning
}

var _ outbox.Store = (*Lease)(nil)

// Log returns the name of the log.
func (l *Lease) Log() string { return l.candidate.log }

// Epoch returns a number that rises with each acquisition of the log.
func (l *Lease) Epoch() int64 { return l.epoch }

// Until returns until when nobody else can hold the log. Nothing may be handed over later. It moves
// ahead with each renewal, and is the zero time when the lease has ended.
//
// It counts from before the renewal was sent, by the monotonic clock, and ends some time before the
// database lets others take the log.
func (l *Lease) Until() time.Time {
	m := l.candidate.member
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.ended {
		return time.Time{}
	}
	return m.until
}

// Held reports whether something may be handed over now. It asks both clocks: the monotonic one
// stands still while a machine sleeps, and the other one may be set back.
func (l *Lease) Held() bool {
	until, now := l.Until(), time.Now()
	return now.Before(until) && now.Round(0).Before(until.Round(0))
}

// Moving is closed when another member should have the log. The holder then stops reading, waits
// for what is in flight, commits, and closes the lease.
func (l *Lease) Moving() <-chan struct{} { return l.moving }

// Lost is closed when the lease has ended against the holder's will.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Close releases the log, so that another member can take it at once. After an error it can when
// the lease has run out, or this member has reached the database again.
func (l *Lease) Close() error {
	m := l.candidate.member
	m.mu.Lock()
	held := !l.ended
	if held {
		l.endLocked() // nothing is handed over from now on
	}
	m.mu.Unlock()
	if !held {
		return nil
	}
	defer m.poke()
	err := m.stores.exec(context.Background(), m.patience(),
		`UPDATE confluence_audit.log SET token = '' WHERE name = $1::text AND token = $2::text`, l.candidate.log, l.token)
	if err != nil {
		return fmt.Errorf("release %s: %w; others take it later", l.candidate.log, err)
	}
	return nil
}

func (l *Lease) endLocked() {
	l.ended = true
	l.candidate.lease = nil
	if l.moved {
		l.candidate.member.moves++
	}
}

// moveLocked asks the holder to close the lease.
func (l *Lease) moveLocked() {
	if !l.moved {
		l.moved = true
		close(l.moving)
	}
}
