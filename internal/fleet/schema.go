package fleet

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
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

// SQLSTATEs
const (
	noPrivilege = "42501"
	noSchema    = "3F000"
	noTable     = "42P01"
)

const remedy = "let an administrator of the database run what `confluence-audit db schema` prints, with the GRANT lines at its end"

// prepare makes the tables if there are none, and upgrades old ones.
func (d *database) prepare(ctx context.Context, limit time.Duration, steps []step) error {
	known := firstVersion + len(steps)
	version, err := d.version(ctx, limit)
	if c := code(err); c == noSchema || c == noTable || err == nil && version == 0 {
		err = d.do(ctx, limit, func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, schemaSQL)
			return err
		})
		// Another member may have made them at the same time, which the database calls by many
		// names.
		made, again := d.version(ctx, limit)
		if again == nil && made > 0 {
			version, err = made, nil
		}
	}
	switch {
	case code(err) == noPrivilege:
		return fmt.Errorf("make or read the tables in schema confluence_audit: %w; %s", err, remedy)
	case err != nil:
		return fmt.Errorf("make the tables in schema confluence_audit: %w", err)
	case version > known:
		return tooNew(version, known)
	case version < known:
		return d.upgrade(ctx, limit, version, steps)
	}
	return nil
}

func tooNew(version, known int) error {
	return fmt.Errorf("the tables in schema confluence_audit have version %d, this program knows up to %d: run the newer program again, or use another database", version, known)
}

func (d *database) version(ctx context.Context, limit time.Duration) (version int, err error) {
	err = d.do(ctx, limit, func(ctx context.Context, conn *pgx.Conn) error {
		version = 0
		err := conn.QueryRow(ctx, `SELECT version FROM confluence_audit.fleet`).Scan(&version)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return version, err
}

// upgrade brings tables to the newest version in one transaction: all of them are the old ones or
// the new ones.
func (d *database) upgrade(ctx context.Context, limit time.Duration, version int, steps []step) error {
	known := firstVersion + len(steps)
	err := d.do(ctx, limit, func(ctx context.Context, conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			// This locks the row, so only one member upgrades.
			tag, err := tx.Exec(ctx, `UPDATE confluence_audit.fleet SET version = $1::int WHERE version = $2::int`, known, version)
			if err != nil || tag.RowsAffected() == 0 {
				return err
			}
			for _, s := range steps[version-firstVersion:] {
				if _, err := tx.Exec(ctx, string(s)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("bring the tables in schema confluence_audit from version %d to %d: %w; nothing has changed: %s", version, known, err, remedy)
	}
	return nil
}
