package fleet

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A message is one or more statements, which the server runs as one transaction.
//
// It is sent as one message of the simple protocol, so the values are literals in its text. The
// server begins when it has all of the message, and ends the transaction before it waits for the
// next one. The extended protocol has several messages for each statement: a process that is
// stopped between them leaves a transaction open.
type message struct {
	conn *pgconn.PgConn
	sql  strings.Builder
	len  int   // how many statements it has
	err  error // the first value that cannot be written
}

var placeholder = regexp.MustCompile(`\$[0-9]+`)

// add adds a statement, and returns the place of its result. Each $1, $2 ... in it has a cast,
// because a literal has no type of its own.
func (m *message) add(sql string, args ...any) (place int) {
	if m.len > 0 {
		m.sql.WriteString(";\n")
	}
	m.sql.WriteString(placeholder.ReplaceAllStringFunc(sql, func(number string) string {
		n, _ := strconv.Atoi(number[1:])
		return m.literal(args[n-1])
	}))
	m.len++
	return m.len - 1
}

// literal quotes all values, also numbers: a minus sign after another would begin a comment.
func (m *message) literal(value any) string {
	quoted, err := m.conn.EscapeString(textOf(value))
	if m.err == nil {
		m.err = err
	}
	return "'" + quoted + "'"
}

// send returns a result for each statement.
func (m *message) send(ctx context.Context) ([]*pgconn.Result, error) {
	if m.err != nil {
		return nil, fmt.Errorf("write a statement: %w", m.err)
	}
	return m.conn.Exec(ctx, m.sql.String()).ReadAll()
}

var inArray = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// textOf writes a string, a number, a boolean, or an array of one dimension as the database does.
func textOf(value any) string {
	var elements []string
	switch value := value.(type) {
	case []int64:
		for _, n := range value {
			elements = append(elements, strconv.FormatInt(n, 10))
		}
	case []string:
		for _, s := range value {
			elements = append(elements, `"`+inArray.Replace(s)+`"`)
		}
	default:
		return fmt.Sprint(value)
	}
	return "{" + strings.Join(elements, ",") + "}"
}

// exec sends one statement, and reads no rows.
func (d *database) exec(ctx context.Context, limit time.Duration, sql string, args ...any) error {
	return d.rows(ctx, limit, func(row) error { return nil }, sql, args...)
}

// rows sends one statement, and calls scan for each row when all of them have come.
func (d *database) rows(ctx context.Context, limit time.Duration, scan func(row) error, sql string, args ...any) error {
	var results []*pgconn.Result
	err := d.do(ctx, limit, func(ctx context.Context, conn *pgconn.PgConn) (err error) {
		m := message{conn: conn}
		m.add(sql, args...)
		results, err = m.send(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, result := range results {
		for _, columns := range result.Rows {
			if err := scan(columns); err != nil {
				return &databaseError{text: d.quoted(err)}
			}
		}
	}
	return nil
}
