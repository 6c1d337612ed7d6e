package fleet

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// survey learns what kind of database this is, and notes a longer lease than was ever used.
func (d *database) survey(ctx context.Context, limit, lease time.Duration) error {
	err := d.rows(ctx, limit, func(r row) error {
		var version string
		err := r.scan(&version)
		d.start = startOf(version)
		return err
	}, `SELECT version()`)
	if err == nil {
		err = d.exec(ctx, limit, `UPDATE confluence_audit.fleet SET lease = $1::bigint WHERE lease < $1::bigint`, lease.Milliseconds())
	}
	if err == nil {
		// of processes that died long ago, and whose logs nobody wanted
		err = d.exec(ctx, limit, `DELETE FROM confluence_audit.member WHERE expires < now() - interval '1 day'`)
	}
	return err
}

// startOf returns the expression that tells one start of the server from another.
//
// A standby that becomes the primary, or a backup that is brought back, may lack the last commits:
// a log that was taken seems free, and its holder does not know yet. Each of them is another server
// process. So when the start time is not the one that was seen last, no log is given to anybody for
// the longest lease: until then every holder has renewed, or has stopped.
//
// Distributed engines lose no commit, and each of their nodes has a start time of its own.
func startOf(version string) string {
	if strings.Contains(version, "CockroachDB") || strings.Contains(version, "-YB-") {
		return `'one'`
	}
	return `extract(epoch FROM pg_postmaster_start_time())::text`
}

// given is the condition under which logs may be given to others.
func (d *database) given() string {
	return `EXISTS (SELECT 1 FROM confluence_audit.fleet WHERE server = ` + d.start + ` AND quiet <= now())`
}

// rebalance looks who is there, gives away what others should have, and takes what is this
// member's.
func (m *Member) rebalance(ctx context.Context) error {
	peers, me, err := m.peers(ctx)
	if err != nil || m.newer || me == nil {
		return err
	}
	owner := assign(peers)
	m.moveAway(peers, owner, me.id)
	m.showAlive(peers, *me)
	m.warnUnassigned(peers, owner)
	wanted := m.wanted(owner, me.id)
	if len(wanted) == 0 {
		return nil
	}
	free, err := m.free(ctx, wanted, me.settled)
	if err != nil || len(free) == 0 {
		return err
	}
	return m.take(ctx, free)
}

// peers returns the living members, and this one among them.
func (m *Member) peers(ctx context.Context) (living []peer, me *peer, err error) {
	var same bool
	var version, dead int
	err = m.own.rows(ctx, m.patience(), func(r row) error {
		var p peer
		var expires int64
		var expired bool
		err := r.scan(&version, &same, &p.id, &p.name, &p.most, &p.joined, &p.settled, &expires, &expired, &p.logs)
		p.renewed = expires - m.LeaseTime.Milliseconds() // all have the same lease
		if expired {
			dead++
		} else {
			living = append(living, p)
		}
		return err
	}, `
SELECT f.version, f.server = `+m.own.start+`, m.id, m.name, m.most, (extract(epoch FROM m.joined) * 1000)::bigint,
    m.joined + $1::bigint * interval '1 millisecond' <= now(), (extract(epoch FROM m.expires) * 1000)::bigint, m.expires <= now(), m.logs
FROM confluence_audit.fleet f, confluence_audit.member m WHERE f.one = 1`, m.settling().Milliseconds())
	if err == nil && !same && len(living)+dead > 0 {
		err = m.own.exec(ctx, m.patience(), `
UPDATE confluence_audit.fleet SET server = `+m.own.start+`,
    quiet = CASE WHEN server = '' THEN now() ELSE now() + lease * interval '1 millisecond' END
WHERE server <> `+m.own.start)
	}
	if err == nil && dead > 0 {
		err = m.own.exec(ctx, m.patience(), `DELETE FROM confluence_audit.member WHERE expires <= now() AND `+m.own.given())
	}
	if err != nil {
		return nil, nil, err
	}
	m.upgraded(version)
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range living {
		if living[i].id == m.id {
			me = &living[i]
		}
	}
	if me == nil {
		m.next = time.Now() // the next renewal learns why
	}
	return living, me, nil
}

// upgraded gives everything to members of a newer program, if there is one.
func (m *Member) upgraded(version int) {
	if newer := version > m.known; newer && !m.newer {
		m.newer = true
		m.Log.Warnf("the tables in schema confluence_audit were brought to version %d, this program knows up to %d: its logs go to newer members; upgrade this one too", version, m.known)
		m.mu.Lock()
		defer m.mu.Unlock()
		for c := range m.candidates {
			if c.lease != nil {
				c.lease.moveLocked()
			}
		}
	}
}

// moveAway asks the holders of logs that others should have to release them.
func (m *Member) moveAway(peers []peer, owner map[int64]string, me string) {
	settled := make(map[string]bool, len(peers))
	for _, p := range peers {
		settled[p.id] = p.settled
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.candidates {
		if o := owner[hash(c.log)]; c.lease != nil && o != me && settled[o] {
			c.lease.moveLocked()
		}
	}
}

// showAlive shows that this member is not dead, if a newer one has its name.
func (m *Member) showAlive(peers []peer, me peer) {
	if !slices.ContainsFunc(current(peers), func(p peer) bool { return p.id == me.id }) {
		m.next = time.Now()
	}
}

// warnUnassigned logs that there are logs which no member may take, when their number has changed.
func (m *Member) warnUnassigned(peers []peer, owner map[int64]string) {
	logs := make(map[int64]bool)
	for _, p := range current(peers) {
		if !p.settled {
			return // more may be about to join
		}
		for _, log := range p.logs {
			logs[log] = true
		}
	}
	unassigned := len(logs) - len(owner)
	if unassigned != m.unassigned && unassigned > 0 {
		m.Log.Warnf("%d audit logs are read by no member, because each has as many as it may: let them have more, or start another", unassigned)
	}
	m.unassigned = unassigned
}

// wanted returns the logs that this member should have, waits for, and has room for.
func (m *Member) wanted(owner map[int64]string, me string) (names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, asked := make(map[string]bool), make(map[string]bool)
	for c := range m.candidates {
		if c.lease != nil {
			held[c.log] = true
		}
	}
	for c := range m.candidates {
		full := m.Max > 0 && len(held)+len(names) >= m.Max
		if c.waiting != nil && !held[c.log] && !asked[c.log] && !full && owner[hash(c.log)] == me {
			asked[c.log] = true
			names = append(names, c.log)
		}
	}
	return names
}

// A claim is a log that may be taken.
type claim struct {
	name  string
	epoch int64
}

// free returns which of the logs nobody holds: they were released, or the row of the holder is gone
// for ever. A member that has not settled may have back only what its name had last.
func (m *Member) free(ctx context.Context, wanted []string, settled bool) (free []claim, err error) {
	known := make(map[string]bool)
	err = m.own.rows(ctx, m.patience(), func(r row) error {
		var c claim
		var last string
		var unheld bool
		err := r.scan(&c.name, &c.epoch, &last, &unheld)
		known[c.name] = true
		if unheld && (settled || last == m.Name) {
			free = append(free, c)
		}
		return err
	}, `
SELECT name, epoch, holder, token = '' OR NOT EXISTS (SELECT 1 FROM confluence_audit.member m WHERE m.id = l.member)
FROM confluence_audit.log l WHERE name = ANY($1::text[])`, wanted)
	var missing []string
	var ids []int64
	for _, name := range wanted {
		if !known[name] {
			missing, ids = append(missing, name), append(ids, rand.Int64())
		}
	}
	if err != nil || len(missing) == 0 {
		return free, err
	}
	err = m.own.exec(ctx, m.patience(), `
INSERT INTO confluence_audit.log (name, id, member, holder, token, epoch, sequence, checkpoint)
SELECT n.name, n.id, '', '', '', 0, 0, '' FROM unnest($1::text[], $2::bigint[]) AS n(name, id)
ON CONFLICT (name) DO NOTHING`, missing, ids)
	if settled {
		for _, name := range missing {
			free = append(free, claim{name, 0})
		}
	}
	return free, err
}

// take takes logs that were seen free. If the epoch is still the one that was seen, nobody has
// taken the log since, so it is still free.
func (m *Member) take(ctx context.Context, free []claim) error {
	names, epochs, tokens := make([]string, len(free)), make([]int64, len(free)), make([]string, len(free))
	for i, c := range free {
		names[i], epochs[i], tokens[i] = c.name, c.epoch, newToken()
	}
	m.mu.Lock()
	id := m.id
	m.mu.Unlock()
	var got []*Lease
	var of []string
	err := m.own.rows(ctx, m.patience(), func(r row) error {
		var name string
		l := &Lease{moving: make(chan struct{}), lost: make(chan struct{})}
		err := r.scan(&name, &l.id, &l.epoch, &l.token)
		got, of = append(got, l), append(of, name)
		return err
	}, `
UPDATE confluence_audit.log AS l SET member = $1::text, holder = $2::text, token = w.token, epoch = l.epoch + 1
FROM unnest($3::text[], $4::bigint[], $5::text[]) AS w(name, epoch, token)
WHERE l.name = w.name AND l.epoch = w.epoch AND `+m.own.given()+`
RETURNING l.name, l.id, l.epoch, l.token`, id, m.Name, names, epochs, tokens)
	if err != nil {
		m.next = time.Now() // the next renewal finds what was taken all the same
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, l := range got {
		m.giveLocked(of[i], l)
	}
	m.checkLeasesLocked()
	return nil
}

// giveLocked gives a lease to a candidate that waits for it. If none does any more, the next
// renewal releases the log.
func (m *Member) giveLocked(log string, l *Lease) {
	for c := range m.candidates {
		if c.log == log && c.waiting != nil {
			l.candidate, c.lease = c, l
			c.waiting <- l
			c.waiting = nil
			return
		}
	}
	m.next = time.Now()
}
