package fleet

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// readers are the inputs of some processes: each holds its logs when it may, commits to them, and
// gives them away when it is asked to.
type readers struct {
	t *testing.T

	mu     sync.Mutex
	leases map[string]map[*Lease]*reader // by log, those that have not ended
	saved  map[string]time.Time          // the newest checkpoint that was committed
	begun  map[string]int                // how often each log was held
	lossy  bool                          // the database may lose commits
}

type reader struct {
	member *Member
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newReaders(t *testing.T) *readers {
	return &readers{t: t, leases: make(map[string]map[*Lease]*reader), saved: make(map[string]time.Time), begun: make(map[string]int)}
}

// read lets a member read the logs until it is stopped.
func (rs *readers) read(m *Member, logs []string) *reader {
	ctx, cancel := context.WithCancel(context.Background())
	r := &reader{member: m, cancel: cancel}
	for _, log := range logs {
		candidate := m.NewCandidate(log)
		r.done.Go(func() {
			for ctx.Err() == nil {
				lease, err := candidate.Acquire(ctx)
				if err != nil {
					return
				}
				rs.hold(ctx, r, lease)
				_ = lease.Close()
			}
		})
	}
	return r
}

// hold commits one second after the other until the lease is over.
func (rs *readers) hold(ctx context.Context, r *reader, lease *Lease) {
	log := lease.Log()
	rs.mu.Lock()
	if rs.leases[log] == nil {
		rs.leases[log] = make(map[*Lease]*reader)
	}
	rs.leases[log][lease] = r
	rs.begun[log]++
	before := rs.saved[log]
	rs.mu.Unlock()
	defer func() {
		rs.mu.Lock()
		delete(rs.leases[log], lease)
		rs.mu.Unlock()
	}()
	c, version, err := lease.Load(ctx)
	if err == nil && c.Head.Before(before) && !rs.lossy {
		rs.t.Errorf("%s goes on from %s, and %s was committed", log, c.Head, before)
	}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return
		case <-lease.Moving():
			return
		case <-lease.Lost():
			return
		case <-ticker.C:
		}
		next := c
		next.Origin, next.Head = now, c.Head.Add(time.Second)
		version, err = lease.Replace(ctx, version, outbox.Commit{
			Seen: []outbox.Seen{{Key: key(next.Head, 1), Count: 1}}, Checkpoint: next, Horizon: next.Head.Add(-time.Minute), Now: now,
		})
		if err == nil {
			c = next
			rs.mu.Lock()
			rs.saved[log] = next.Head
			rs.mu.Unlock()
		}
	}
	// An error of the database, or a loss. Without this the log would be taken again at once.
	select {
	case <-ctx.Done():
	case <-lease.Lost():
	case <-ticker.C:
	}
}

// stop ends reading in order.
func (r *reader) stop() {
	r.cancel()
	r.done.Wait()
}

// holders returns which readers hold each log.
func (rs *readers) holders() map[string][]*reader {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	all := make(map[string][]*reader)
	for log, leases := range rs.leases {
		for lease, r := range leases {
			if lease.Held() {
				all[log] = append(all[log], r)
			}
		}
	}
	return all
}

// watch fails the test if two leases of one log may hand something over at the same instant. It
// looks until the function that it returns is called.
func (rs *readers) watch() (stop func() int) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	looks := 0
	done.Go(func() {
		for ctx.Err() == nil {
			looks++
			for log, leases := range rs.copy() {
				for i, a := range leases {
					for _, b := range leases[i+1:] {
						// A lease is held once. If a is held before and after b is, both are at
						// once.
						if a.Held() && b.Held() && a.Held() {
							rs.t.Errorf("%s is held twice, in epochs %d and %d", log, a.Epoch(), b.Epoch())
						}
					}
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
			}
		}
	})
	return func() int { cancel(); done.Wait(); return looks }
}

func (rs *readers) copy() map[string][]*Lease {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	all := make(map[string][]*Lease)
	for log, leases := range rs.leases {
		for lease := range leases {
			all[log] = append(all[log], lease)
		}
	}
	return all
}

// names returns the names of logs.
func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("https://site-%d.atlassian.net", i))
	}
	return all
}
