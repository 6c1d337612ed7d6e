package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Rename gives a log another name, with all that was delivered of it: the address of its site has
// changed. The caller has made sure that both names are of the same log.
//
// Nobody may hold the log, or wait for it under its former name: such a member would begin the log
// anew.
func (m *Member) Rename(ctx context.Context, from, to string) error {
	err := m.rename(ctx, from, to)
	if err != nil {
		return fmt.Errorf("rename %s to %s in the database: %w", from, to, err)
	}
	return nil
}

func (m *Member) rename(ctx context.Context, from, to string) error {
	o, err := m.Overview(ctx)
	if err != nil {
		return err
	}
	var old *LogRow
	for i, l := range o.Logs {
		switch {
		case l.Name == from && l.Holder != "":
			return fmt.Errorf("%s reads it under its former name: stop that first", l.Holder)
		case l.Name == from:
			old = &o.Logs[i]
		case l.Name == to && l.Holder != "":
			return fmt.Errorf("%s reads it under its new name, from a beginning of its own", l.Holder)
		case l.Name == to && !l.Committed.IsZero():
			return errors.New("it was read under its new name too, from a beginning of its own")
		}
	}
	if old == nil {
		return errors.New("it was never read under its former name")
	}
	// As in take: if the epoch is still the one that was seen, nobody has taken the log since. The
	// new epoch is one that nobody has seen, under either name.
	var renamed bool
	err = m.stores.do(ctx, storeLimit, func(ctx context.Context, conn *pgconn.PgConn) error {
		b := message{conn: conn}
		b.add(`
DELETE FROM confluence_audit.log WHERE name = $1::text AND token = '' AND committed IS NULL`, to) // of a member that waited
		place := b.add(`
UPDATE confluence_audit.log SET name = $1::text, token = '', epoch = epoch + 1
WHERE name = $2::text AND epoch = $3::bigint AND `+m.own.given()+`
    AND NOT EXISTS (SELECT 1 FROM confluence_audit.log WHERE name = $1::text)
    AND NOT EXISTS (SELECT 1 FROM confluence_audit.member WHERE expires > now() AND $4::bigint = ANY(logs))`,
			to, from, old.Epoch, hash(from))
		results, err := b.send(ctx)
		renamed = err == nil && results[place].CommandTag.RowsAffected() > 0
		return err
	})
	if err == nil && !renamed {
		err = errors.New("a member waits for one of them, or the database has just started: try again in a minute")
	}
	return err
}
