package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// cloudID is the cloud id in a checkpoint.
const cloudID = `(CASE WHEN checkpoint = '' THEN NULL ELSE checkpoint::json ->> 'cloud_id' END)`

// Begun reports whether something was committed of the log, and if not, whether something was of
// another log with a cloud id, so that this one may be known under a former name.
func (m *Member) Begun(ctx context.Context, log string) (begun, others bool, err error) {
	err = m.stores.rows(ctx, m.patience(), func(r row) error { return r.scan(&begun, &others) }, `
SELECT begun, CASE WHEN begun THEN false ELSE EXISTS (SELECT 1 FROM confluence_audit.log WHERE name <> $1::text AND `+cloudID+` <> '') END
FROM (SELECT EXISTS (SELECT 1 FROM confluence_audit.log WHERE name = $1::text AND committed IS NOT NULL) AS begun) AS own`, log)
	if err != nil {
		return false, false, fmt.Errorf("read the state of %s: %w", log, err)
	}
	return begun, others, nil
}

// Of returns the names of the logs of a site by its cloud id, that of the last commit first.
func (m *Member) Of(ctx context.Context, id string) (names []string, err error) {
	err = m.stores.rows(ctx, m.patience(), func(r row) error {
		var name string
		err := r.scan(&name)
		names = append(names, name)
		return err
	}, `SELECT name FROM confluence_audit.log WHERE `+cloudID+` = $1::text ORDER BY committed DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("look for the logs of the site %s: %w", id, err)
	}
	return names, nil
}

// ErrNamed is wrapped by the error of a Rename that must wait.
var ErrNamed = errors.New("a process has it under its former name")

// Rename gives a log another name, with all that was delivered of it: the address of its site has
// changed. The caller has made sure that both names are of the same log.
//
// It fails with ErrNamed while a member holds the log, or waits for it, under its former name: such
// a member would begin the log anew. It changes nothing if the log is not there any more: then
// another member has renamed it.
func (m *Member) Rename(ctx context.Context, from, to string) error {
	var exists, renamed bool
	err := m.stores.do(ctx, m.patience(), func(ctx context.Context, conn *pgconn.PgConn) error {
		b := message{conn: conn}
		b.add(`
DELETE FROM confluence_audit.log WHERE name = $1::text AND token = '' AND committed IS NULL`, to) // of a member that waited
		// The new epoch is one that nobody has seen under either name, so whoever has seen one of
		// them free cannot take it any more.
		place := b.add(`
UPDATE confluence_audit.log AS l SET name = $1::text, token = '', epoch = epoch + 1
WHERE name = $2::text AND (token = '' OR NOT EXISTS (SELECT 1 FROM confluence_audit.member m WHERE m.id = l.member)) AND `+m.own.given()+`
    AND NOT EXISTS (SELECT 1 FROM confluence_audit.log WHERE name = $1::text)
    AND NOT EXISTS (SELECT 1 FROM confluence_audit.member WHERE $3::bigint = ANY(logs))`, to, from, hash(from))
		left := b.add(`SELECT 1 FROM confluence_audit.log WHERE name = $1::text`, from)
		results, err := b.send(ctx)
		if err == nil {
			renamed, exists = results[place].CommandTag.RowsAffected() > 0, len(results[left].Rows) > 0
		}
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("rename %s to %s in the database: %w", from, to, err)
	case !renamed && exists:
		return fmt.Errorf("rename %s to %s in the database: %w", from, to, ErrNamed)
	}
	return nil
}
