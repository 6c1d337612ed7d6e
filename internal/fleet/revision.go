package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/outbox"
)

// A revision is the message that changes the state of a log, which the server runs as one
// transaction. The first statement locks the row of the log and writes the checkpoint. All others
// take effect only if it did.
type revision struct {
	message
	lease *Lease
}

// fenced is the condition that the first statement has taken effect. Values of a statement begin at
// $4.
const fenced = ` l.name = $1::text AND l.token = $2::text AND l.sequence = $3::bigint `

func (l *Lease) revise(conn *pgconn.PgConn, base int64, checkpoint string) *revision {
	r := &revision{message{conn: conn}, l}
	r.message.add(`
UPDATE confluence_audit.log SET sequence = $1::bigint, checkpoint = $2::text, committed = now()
WHERE name = $3::text AND token = $4::text AND epoch = $5::bigint AND sequence >= $6::bigint AND sequence < $1::bigint`,
		l.attempts, checkpoint, l.candidate.log, l.token, l.epoch, base)
	return r
}

// add adds a statement, and returns the place of its result.
func (r *revision) add(sql string, args ...any) int {
	l := r.lease
	return r.message.add(sql, append([]any{l.candidate.log, l.token, l.attempts}, args...)...)
}

func tookEffect(results []*pgconn.Result) bool { return results[0].CommandTag.RowsAffected() > 0 }

// save writes a checkpoint, and what fill adds, in one transaction. The caller holds commits.
//
// Each attempt has a sequence of its own. It takes effect only on top of the version, or of an
// earlier attempt with that version: never after a later one, however late it arrives. A sequence
// before the version means that the database has lost commits: then the lease is over, and what
// was lost is delivered again.
func (l *Lease) save(ctx context.Context, version outbox.Version, c outbox.Checkpoint, fill func(*revision)) (outbox.Version, []*pgconn.Result, error) {
	base, err := strconv.ParseInt(string(version), 10, 64)
	if err != nil {
		return version, nil, fmt.Errorf("save the state of %s: %q is no version", l.candidate.log, version)
	}
	checkpoint, err := json.Marshal(c)
	if err != nil {
		return version, nil, fmt.Errorf("save the state of %s: %w", l.candidate.log, err)
	}
	limit := storeLimit
	if l.Until().IsZero() {
		limit = l.candidate.member.patience() // only a last try: the holder waits for it before it can hold the log again
	}
	var results []*pgconn.Result
	err = l.candidate.member.stores.do(ctx, limit, func(ctx context.Context, conn *pgconn.PgConn) error {
		l.attempts++
		r := l.revise(conn, base, string(checkpoint))
		fill(r)
		results, err = r.send(ctx)
		return err
	})
	switch {
	case err != nil:
		return version, nil, fmt.Errorf("save the state of %s: %w", l.candidate.log, Explained(err))
	case !tookEffect(results):
		m := l.candidate.member
		m.mu.Lock()
		defer m.mu.Unlock()
		m.loseLocked("another member has taken it, or the database has lost its last commits", func(_ string, other *Lease) bool { return other == l })
		m.poke()
		return version, nil, fmt.Errorf("save the state of %s: %w", l.candidate.log, outbox.ErrLost)
	}
	return versionOf(l.attempts), results, nil
}
