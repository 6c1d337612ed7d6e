package fleet

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed schema.sql
var schemaSQL string

// SchemaSQL returns the statements that make the tables. They may run again, and change nothing
// then.
func SchemaSQL() string { return schemaSQL }

// A step is what brings the tables to the next version. Members of the older version may still run
// meanwhile, so what they read and write must stay.
type step string

// firstVersion is the version of the tables that schema.sql makes. steps[i] upgrades tables of
// version firstVersion+i.
const firstVersion = 1

var steps []step

// prepare makes the tables if there are none, and upgrades old ones. A guest does not upgrade them:
// the processes that read would all give their logs away, to nobody.
func (d *database) prepare(ctx context.Context, limit time.Duration, steps []step, guest bool) error {
	known := firstVersion + len(steps)
	version, err := d.version(ctx, limit)
	if NoTables(err) || err == nil && version == 0 {
		err = d.exec(ctx, limit, schemaSQL)
		// Another member may have made them at the same time, which the database calls by many
		// names.
		made, again := d.version(ctx, limit)
		if again == nil && made > 0 {
			version, err = made, nil
		}
	}
	switch {
	case code(err) == noPrivilege:
		return fmt.Errorf("make or read the tables in schema confluence_audit: %w", err)
	case err != nil:
		return fmt.Errorf("make the tables in schema confluence_audit: %w", err)
	case version > known:
		return tooNew(version, known)
	case version < known && guest:
		return fmt.Errorf("the tables in schema confluence_audit have version %d, this program brings them to %d: upgrade the processes first, or take the program that they run", version, known)
	case version < known:
		return d.upgrade(ctx, limit, version, steps)
	}
	return nil
}

func tooNew(version, known int) error {
	return fmt.Errorf("the tables in schema confluence_audit have version %d, this program knows up to %d: run the newer program again, or use another database", version, known)
}

func (d *database) version(ctx context.Context, limit time.Duration) (version int, err error) {
	err = d.rows(ctx, limit, func(r row) error { return r.scan(&version) }, `SELECT version FROM confluence_audit.fleet`)
	return version, err
}

// upgrade brings tables to the newest version in one transaction: all of them are the old ones or
// the new ones.
func (d *database) upgrade(ctx context.Context, limit time.Duration, version int, steps []step) error {
	known := firstVersion + len(steps)
	err := d.do(ctx, limit, func(ctx context.Context, conn *pgconn.PgConn) error {
		begin, rest := message{conn: conn}, message{conn: conn}
		begin.add(`BEGIN`)
		// This locks the row, so only one member upgrades.
		turn := begin.add(`UPDATE confluence_audit.fleet SET version = $1::int WHERE version = $2::int`, known, version)
		for _, s := range steps[version-firstVersion:] {
			rest.add(string(s))
		}
		rest.add(`COMMIT`)
		results, err := begin.send(ctx)
		if err == nil && results[turn].CommandTag.RowsAffected() > 0 {
			_, err = rest.send(ctx)
		}
		rollback(ctx, conn)
		return err
	})
	if err != nil {
		return fmt.Errorf("bring the tables in schema confluence_audit from version %d to %d: %w; nothing has changed", version, known, err)
	}
	return nil
}

// rollback ends the transaction, if one is open, or else the connection.
func rollback(ctx context.Context, conn *pgconn.PgConn) {
	const none = 'I'
	if conn.TxStatus() == none {
		return
	}
	if _, err := conn.Exec(ctx, `ROLLBACK`).ReadAll(); err != nil {
		closeNow(conn)
	}
}
