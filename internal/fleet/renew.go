package fleet

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// renew writes the member's row, which stands for all that it holds, and learns which logs it
// holds. If the row is gone, the member is another one from now on: others may have taken its logs.
//
// Only the existence of the row counts. Others remove it when it has expired by the clock of the
// database, and only then they take its logs. So a renewal and a take-over meet at this row, and
// one of them wins.
func (m *Member) renew(ctx context.Context) error {
	logs := m.listedLogs()
	m.mu.Lock()
	id := m.id
	m.mu.Unlock()
	sent := time.Now() // before the database can have dated the renewal
	var alive bool
	held := make(map[string]string)
	err := m.own.rows(ctx, m.patience(), func(r row) error {
		alive = true
		var name, token *string
		if err := r.scan(&name, &token); err != nil {
			return err
		}
		if name != nil {
			held[*name] = *token
		}
		return nil
	}, `
WITH me AS (
    UPDATE confluence_audit.member SET expires = now() + $2::bigint * interval '1 millisecond',
        logs = CASE WHEN $3::boolean THEN $4::bigint[] ELSE logs END
    WHERE id = $1::text RETURNING id)
SELECT l.name, l.token FROM me LEFT JOIN confluence_audit.log l ON l.member = me.id AND l.token <> ''`,
		id, m.LeaseTime.Milliseconds(), m.listed != fmt.Sprint(logs), logs)
	if err == nil && !alive {
		m.mu.Lock()
		m.loseLocked("its lease had run out for the database", all)
		m.mu.Unlock()
		id = newToken()
		sent = time.Now()
		err = m.own.exec(ctx, m.patience(), `
INSERT INTO confluence_audit.member (id, name, most, joined, expires, logs)
VALUES ($1::text, $2::text, $3::int, now() - $6::bigint * interval '1 millisecond', now() + $4::bigint * interval '1 millisecond', $5::bigint[])`,
			id, m.Name, m.most(), m.LeaseTime.Milliseconds(), logs, m.settled().Milliseconds())
	}
	if err != nil {
		return err
	}
	m.listed, m.next = fmt.Sprint(logs), sent.Add(m.renewal())
	m.renewed(id, sent.Add(m.LeaseTime-m.margin()), held)
	return m.release(ctx, m.orphans(held))
}

// renewed notes a renewal that was answered.
func (m *Member) renewed(id string, until time.Time, held map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// A process that was stopped learns of it before it goes on.
	m.checkLeasesLocked()
	m.loseLocked("the database says so", func(log string, l *Lease) bool { return held[log] != l.token })
	m.id, m.until = id, until
	m.checkLeasesLocked()
}

// orphans returns the tokens of leases that the database has and no candidate does: they ran out,
// or the answer that the log was taken did not arrive.
func (m *Member) orphans(held map[string]string) (tokens []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, token := range held {
		known := false
		for c := range m.candidates {
			known = known || c.log == name && c.lease != nil && c.lease.token == token
		}
		if !known {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

func (m *Member) release(ctx context.Context, tokens []string) error {
	if len(tokens) == 0 {
		return nil
	}
	return m.own.exec(ctx, m.patience(), `UPDATE confluence_audit.log SET token = '' WHERE token = ANY($1::text[])`, tokens)
}

// listedLogs returns the hashes of the logs that this member can read now: it holds them, or waits
// for them.
func (m *Member) listedLogs() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	logs := []int64{}
	for c := range m.candidates {
		if c.lease != nil || c.waiting != nil {
			logs = append(logs, hash(c.log))
		}
	}
	slices.Sort(logs)
	return slices.Compact(logs)
}
