package fleet

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// Options are what a member is made of.
type Options struct {
	// URL is the address of the database, as libpq reads it: with sslmode, several hosts and
	// target_session_attrs.
	URL string
	// Password is called for each connection. If it is nil, the password is that of the URL.
	Password func() (string, error)
	// Name is what others call this member. One that stays the same after a restart gets its logs
	// back. If it is empty, it is the host's name. Several members may have one name.
	Name string
	// Max is how many logs this member takes at most, 0 for any number.
	Max int
	// LeaseTime is how long leases last without a renewal, so how long the logs of a member that
	// was lost wait. The default is 30 seconds.
	LeaseTime time.Duration
	// Guest is whether this is not a process that reads, but one that changes the state of a log:
	// see Visit.
	Guest bool
	Log   logrus.FieldLogger
}

const (
	defaultLease = 30 * time.Second
	// storeLimit bounds a statement of a store: a commit of a large backfill takes seconds.
	storeLimit = time.Minute
	// connections is how many the stores of a process share.
	connections = 4
)

// LeaseTime is divided:
func (o Options) renewal() time.Duration  { return o.LeaseTime / 3 }                  // from one renewal to the next
func (o Options) patience() time.Duration { return o.LeaseTime / 6 }                  // for the answer to a statement
func (o Options) look() time.Duration     { return min(o.LeaseTime/30, time.Second) } // from one look at the others to the next
func (o Options) margin() time.Duration   { return o.LeaseTime / 10 }                 // for clocks that run unequally, and a hand-over that is under way

// settling is how long a member that has joined takes no logs, except those that its name had last,
// and is given none. The processes of one roll-out start within seconds of each other. Without it
// the first would take every log, and give most of them away again to each of the next.
func (o Options) settling() time.Duration { return o.LeaseTime / 6 }

// A Member is this process among those that share logs. It is safe for concurrent use.
type Member struct {
	Options
	known  int       // the version of the tables that this program knows
	own    *database // of the loop, so that no commit can delay a renewal
	stores *database
	waits  time.Duration // of a visit
	wake   chan struct{}
	cancel context.CancelFunc
	done   chan struct{}

	mu         sync.Mutex
	id         string    // of its row; a new one each time the row was lost
	until      time.Time // the leases hold until then
	runsOut    *time.Timer
	candidates map[*Candidate]bool
	moves      int64
	losses     int64
	failed     int64 // renewals

	// Owned by the loop.
	next       time.Time // when the next renewal is due
	listed     string    // the logs that the row was last given
	trouble    bool      // the last beat has failed
	unassigned int       // how many logs no member has room for
	newer      bool      // the tables were upgraded by a newer program
}

// Join checks and makes the tables, and begins to renew. The context bounds the joining only.
func Join(ctx context.Context, o Options) (*Member, error) { return join(ctx, o, steps) }

func join(ctx context.Context, o Options, steps []step) (*Member, error) {
	o.LeaseTime = cmp.Or(o.LeaseTime, defaultLease)
	if o.Name == "" {
		o.Name, _ = os.Hostname()
	}
	own, stores, err := o.open()
	if err != nil {
		return nil, err
	}
	m := &Member{
		Options: o, known: firstVersion + len(steps), own: own, stores: stores, candidates: make(map[*Candidate]bool),
		waits: visitLeases * o.LeaseTime, wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	m.runsOut = time.AfterFunc(time.Hour, m.checkLeases)
	err = own.prepare(ctx, storeLimit, steps, o.Guest)
	if err == nil {
		err = own.survey(ctx, o.patience(), o.LeaseTime)
	}
	if err == nil {
		err = m.renew(ctx)
	}
	if err != nil {
		m.runsOut.Stop()
		own.close()
		stores.close()
		return nil, fmt.Errorf("join the others in the database: %w", err)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	m.cancel = cancel
	go m.run(running)
	return m, nil
}

func (o Options) open() (own, stores *database, err error) {
	if own, err = newDatabase(o.URL, o.Password, 1); err == nil {
		stores, err = newDatabase(o.URL, o.Password, connections)
	}
	return own, stores, err
}

func (m *Member) run(ctx context.Context) {
	defer close(m.done)
	ticker := time.NewTicker(m.look())
	defer ticker.Stop()
	for {
		m.beat(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-m.wake:
		}
	}
}

// beat renews if that is due, and then looks who should have what.
func (m *Member) beat(ctx context.Context) {
	err := m.renewDue(ctx)
	if err == nil {
		err = m.rebalance(ctx)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !m.trouble:
		m.Log.Warnf("share the audit logs: %v; unless this is over, other processes read them after %s", Explained(err), m.Until().UTC().Format(time.RFC3339))
		m.trouble = true
	case err == nil && m.trouble:
		m.Log.Infof("the audit logs are shared through the database again")
		m.trouble = false
	}
}

func (m *Member) renewDue(ctx context.Context) error {
	if time.Now().Before(m.next) && fmt.Sprint(m.listedLogs()) == m.listed {
		return nil
	}
	err := m.renew(ctx)
	if err != nil && ctx.Err() == nil {
		m.mu.Lock()
		m.failed++
		m.mu.Unlock()
	}
	return err
}

// Until returns until when the leases of this member hold, see Lease.Until.
func (m *Member) Until() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.until
}

// checkLeases ends all leases if they have run out. It is called when they may have.
func (m *Member) checkLeases() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.checkLeasesLocked()
}

func (m *Member) checkLeasesLocked() {
	if left := time.Until(m.until); left > 0 {
		m.runsOut.Reset(left)
		return
	}
	m.loseLocked("the lease ran out without a renewal", all)
}

// Leave releases all logs, so that others take them at once. After an error they do when the lease
// has run out. Nothing can be used afterwards.
func (m *Member) Leave(ctx context.Context) error {
	m.cancel()
	<-m.done
	m.mu.Lock()
	left := m.id == ""
	id := m.id
	m.id, m.until = "", time.Time{}
	m.loseLocked("this process leaves", all)
	m.runsOut.Stop()
	m.mu.Unlock()
	if left {
		return nil
	}
	defer m.stores.close()
	defer m.own.close()
	err := m.own.exec(ctx, m.patience(), `
WITH released AS (UPDATE confluence_audit.log SET token = '' WHERE member = $1::text)
DELETE FROM confluence_audit.member WHERE id = $1::text`, id)
	if err != nil {
		return fmt.Errorf("release the audit logs: %w; others take them when the lease has run out", err)
	}
	return nil
}

func (m *Member) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

var errLeft = errors.New("this member has left")

func newToken() string { return rand.Text() }
