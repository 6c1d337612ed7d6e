package fleet

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

// connected returns a database with one connection.
func connected(t *testing.T, url string) *database {
	t.Helper()
	d, err := newDatabase(url, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return d
}

// Every value comes back as it was sent, whatever is in it.
func TestValues(t *testing.T) {
	t.Parallel()
	d := connected(t, empty(t).url())
	texts := []string{
		"", " ", "NULL", "it's", "''", `\`, `\'`, `\\"`, `"`, "{}", "{a,b}", ",", "$1", "$2::text", "--", "/*", "; SELECT 1",
		"\n\t\r", "\x01\x7f", "é世界🦊", `E'\x27'`, "$$", `U&'\0027'`,
	}
	for _, want := range texts {
		var got, beside string
		err := d.rows(t.Context(), storeLimit, func(r row) error { return r.scan(&got, &beside) }, `SELECT $1::text, $2::text`, want, "beside")
		if err != nil || got != want || beside != "beside" {
			t.Errorf("%q came back as %q beside %q, %v", want, got, beside, err)
		}
	}
	var got []string
	err := d.rows(t.Context(), storeLimit, func(r row) error {
		var text string
		err := r.scan(&text)
		got = append(got, text)
		return err
	}, `SELECT unnest($1::text[])`, texts)
	if diff := cmp.Diff(texts, got); err != nil || diff != "" {
		t.Errorf("%v; an array (-want +got):\n%s", err, diff)
	}
	for _, want := range [][]int64{nil, {0}, {math.MinInt64, -1, math.MaxInt64}} {
		var numbers []int64
		var first, null *int64
		var less int64
		var yes, no bool
		err := d.rows(t.Context(), storeLimit, func(r row) error { return r.scan(&numbers, &first, &null, &less, &yes, &no) },
			`SELECT $1::bigint[], ($1::bigint[])[1], NULL, 5-$2::bigint, $3::boolean, NOT $3::boolean`, want, -7, true)
		if diff := cmp.Diff(want, numbers); err != nil || diff != "" || less != 12 || !yes || no || null != nil {
			t.Errorf("%v; %d %t %t %v (-want +got):\n%s", err, less, yes, no, null, diff)
		}
		if len(want) > 0 && (first == nil || *first != want[0]) || len(want) == 0 && first != nil {
			t.Errorf("the first of %d is %v", want, first)
		}
	}
}

// What cannot be sent or read is an error, and the connection goes on.
func TestNoValues(t *testing.T) {
	t.Parallel()
	b := empty(t)
	d := connected(t, b.url())
	var text string
	var number int64
	var numbers []int64
	for sql, into := range map[string]any{
		"SELECT NULL": &text, "SELECT NULL::bigint": &number, "SELECT 'x'": &number, "SELECT 1.5": &number,
		"SELECT '{1,NULL}'": &numbers, "SELECT '1,2'": &numbers, "SELECT 1, 2": &number,
	} {
		if err := d.rows(t.Context(), storeLimit, func(r row) error { return r.scan(into) }, sql); err == nil {
			t.Errorf("%s was read", sql)
		}
	}
	for _, value := range []string{"a\x00b", "\xff'"} {
		if err := d.exec(t.Context(), storeLimit, "SELECT $1::text", value); err == nil {
			t.Errorf("%q was sent", value)
		}
	}
	if err := d.exec(t.Context(), storeLimit, "SELECT"); err != nil {
		t.Error(err)
	}
	// A backslash would escape the quote that ends a literal.
	odd := connected(t, b.url()+"&standard_conforming_strings=off")
	if err := odd.exec(t.Context(), storeLimit, "SELECT $1::text", `\`); err == nil || !strings.Contains(err.Error(), "standard_conforming_strings=on") {
		t.Errorf("with backslashes that escape: %v", err)
	}
}

// A message takes effect as a whole or not at all, and no transaction stays open.
func TestTransactions(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.query(t, SchemaSQL())
	d := connected(t, b.url())
	err := d.do(t.Context(), storeLimit, func(ctx context.Context, conn *pgconn.PgConn) error {
		m := message{conn: conn}
		m.add("UPDATE confluence_audit.fleet SET lease = $1::bigint", 5)
		m.add("SELECT 1/0")
		_, err := m.send(ctx)
		return err
	})
	if code(err) != "22012" {
		t.Errorf("a statement that fails: %v", err)
	}
	note := step("ALTER TABLE confluence_audit.log ADD COLUMN note text")
	if err := d.upgrade(t.Context(), storeLimit, 1, []step{note, "SELECT 1/0"}); err == nil {
		t.Error("an upgrade that fails: no error")
	}
	if got := b.query(t, "select version, lease from confluence_audit.fleet"); got != "1|0\n" {
		t.Errorf("version and lease are %s", got)
	}
	b.query(t, "update confluence_audit.fleet set version = 2")
	if err := d.upgrade(t.Context(), storeLimit, 1, []step{note}); err != nil {
		t.Errorf("an upgrade that another member has done: %v", err)
	}
	if err := d.exec(t.Context(), storeLimit, "UPDATE confluence_audit.fleet SET lease = 6"); err != nil {
		t.Error(err)
	}
	if got := b.query(t, "select lease from confluence_audit.fleet; select count(*) from information_schema.columns where column_name = 'note'"); got != "6\n0\n" {
		t.Errorf("the lease and the new columns are %s", got)
	}
}
