package guest

import (
	"strconv"
	"strings"
	"testing"
)

// No secret of an address is shown.
func TestShown(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"postgres://me@db.example.com:5432/audit?sslmode=verify-full&sslpassword=secret": "postgres://db.example.com:5432/audit",
		"postgres:///audit?user=me&host=%2Frun%2Fpostgresql":                             "postgres:///run/postgresql/audit",
		"postgresql://me@a.example.com:1,b.example.com:2/audit":                          "postgresql://a.example.com:1,b.example.com:2/audit",
		"postgres://me:secret@[": "the database",
	} {
		if got := Shown(address); got != want {
			t.Errorf("%s: %s, want %s", strings.ReplaceAll(address, "secret", "***"), strconv.Quote(got), want)
		}
	}
}
