package fleet

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/outbox"
)

var _ outbox.Keeper = (*Lease)(nil)

// Kept returns the last note of any holder of the log.
func (l *Lease) Kept(ctx context.Context) (note []byte, err error) {
	err = l.candidate.member.stores.rows(ctx, storeLimit, func(r row) error {
		var text string
		err := r.scan(&text)
		if note = []byte(text); text == "" {
			note = nil
		}
		return err
	}, `SELECT kept FROM confluence_audit.log WHERE name = $1::text`, l.candidate.log)
	if err != nil {
		return nil, fmt.Errorf("read what is kept of %s: %w", l.candidate.log, err)
	}
	return note, nil
}

// Keep replaces the note, as long as this member holds the log.
func (l *Lease) Keep(ctx context.Context, note []byte) error {
	var kept bool
	err := l.candidate.member.stores.do(ctx, storeLimit, func(ctx context.Context, conn *pgconn.PgConn) error {
		m := message{conn: conn}
		m.add(`UPDATE confluence_audit.log SET kept = $1::text WHERE name = $2::text AND token = $3::text AND epoch = $4::bigint`,
			string(note), l.candidate.log, l.token, l.epoch)
		results, err := m.send(ctx)
		kept = err == nil && tookEffect(results)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("keep a note of %s: %w", l.candidate.log, Explained(err))
	case !kept:
		return fmt.Errorf("keep a note of %s: %w", l.candidate.log, outbox.ErrLost)
	}
	return nil
}
