package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// A Tenure is the time in which this process holds a log, from one acquisition to the release or the
// loss. It is the log's [outbox.Store]: its commits fail as soon as another member has the log.
type Tenure struct {
	seat         *Seat
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

var _ outbox.Store = (*Tenure)(nil)

// Log returns the name of the log.
func (t *Tenure) Log() string { return t.seat.log }

// Epoch returns a number that rises with each acquisition of the log.
func (t *Tenure) Epoch() int64 { return t.epoch }

// Until returns until when nobody else can hold the log. Nothing may be handed over later. It moves
// ahead with each renewal, and is the zero time when the tenure has ended.
//
// It counts from before the renewal was sent, by the monotonic clock, and ends some time before the
// database lets others take the log.
func (t *Tenure) Until() time.Time {
	m := t.seat.member
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.ended {
		return time.Time{}
	}
	return m.until
}

// Held reports whether something may be handed over now. It asks both clocks: the monotonic one
// stands still while a machine sleeps, and the other one may be set back.
func (t *Tenure) Held() bool {
	until, now := t.Until(), time.Now()
	return now.Before(until) && now.Round(0).Before(until.Round(0))
}

// Moving is closed when another member should have the log. The holder then stops reading, waits for
// what is in flight, commits, and closes the tenure.
func (t *Tenure) Moving() <-chan struct{} { return t.moving }

// Lost is closed when the tenure has ended against the holder's will.
func (t *Tenure) Lost() <-chan struct{} { return t.lost }

// Close releases the log, so that another member can take it at once. After an error it can when the
// lease has run out, or this member has reached the database again.
func (t *Tenure) Close() error {
	m := t.seat.member
	m.mu.Lock()
	held := !t.ended
	if held {
		t.endLocked() // nothing is handed over from now on
	}
	m.mu.Unlock()
	if !held {
		return nil
	}
	defer m.poke()
	err := m.stores.exec(context.Background(), m.patience(),
		`UPDATE confluence_audit.log SET token = '' WHERE name = $1::text AND token = $2::text`, t.seat.log, t.token)
	if err != nil {
		return fmt.Errorf("release %s: %w; others take it later", t.seat.log, err)
	}
	return nil
}

func (t *Tenure) endLocked() {
	t.ended = true
	t.seat.tenure = nil
	if t.moved {
		t.seat.member.moves++
	}
}

// moveLocked asks the holder to close the tenure.
func (t *Tenure) moveLocked() {
	if !t.moved {
		t.moved = true
		close(t.moving)
	}
}
