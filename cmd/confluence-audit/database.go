package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// databaseWait bounds how long a command waits for a database.
const databaseWait = 10 * time.Second

// viewDatabase reads what processes share in the database of an input. It changes nothing. Its
// errors have no secrets.
func viewDatabase(ctx context.Context, s config.Settings) (fleet.Overview, error) {
	o := fleet.Options{URL: s.Database}
	if s.DatabasePassword.IsSet() {
		o.Password = s.DatabasePassword.Reveal
	}
	ctx, cancel := context.WithTimeout(ctx, databaseWait)
	defer cancel()
	return fleet.View(ctx, o)
}

// shownDatabase returns the address of a database without what may be secret: the user and the
// parameters.
func shownDatabase(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the database"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if shown.Host == "" {
		shown.Host = u.Query().Get("host")
	}
	text, err := url.PathUnescape(shown.String())
	if err != nil {
		text = shown.String()
	}
	return terminal.Plain(text)
}

var (
	sqlState = regexp.MustCompile(`\(SQLSTATE ([0-9A-Z]{5})\)`)
	// noTables are the states of a database that nobody has used yet: no schema, no table.
	noTables = []string{"3F000", "42P01"}
)

// stateIn returns the SQLSTATE in the text of an error of a database, "" if no server sent one.
func stateIn(err error) string {
	if m := sqlState.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}

// hasNoTables reports whether the database answers, and has no tables yet.
func hasNoTables(err error) bool { return err != nil && slices.Contains(noTables, stateIn(err)) }

// databaseRemedy tells what to do about an error of a database.
func databaseRemedy(err error) string {
	text := err.Error()
	switch state := stateIn(err); {
	case state == "28P01":
		return "see the user in db, and the password in db_password_file, PGPASSWORD or PGPASSFILE"
	case strings.HasPrefix(state, "28"):
		return "see the user in db, and which users pg_hba.conf of the server lets in from here, with and without TLS"
	case state == "3D000":
		return "make the database, or name another in db"
	case state == "42501":
		return "let an administrator of the database run what confluence-audit db schema prints, with the GRANT lines at its end"
	case strings.HasPrefix(state, "53"):
		return "let the server take more connections: each process has at most 5"
	case state != "":
		return "see the log of the server"
	case strings.Contains(text, "tables in schema"), strings.Contains(text, "address of the database"):
		return "" // it says so itself
	case strings.Contains(text, "password of the database"):
		return "see db_password_file"
	case strings.Contains(text, "tls"), strings.Contains(text, "x509"):
		return "see sslmode and sslrootcert in db, and the certificate of the server"
	}
	return "see whether the server runs, host and port in db, and what lies in between"
}

// tryDatabase checks whether the input could share its log through the database.
func tryDatabase(ctx context.Context, s config.Settings, log string) site.Step {
	where := shownDatabase(s.Database)
	found, err := viewDatabase(ctx, s)
	switch {
	case hasNoTables(err):
		return site.Step{Name: "db", Status: site.OK, Detail: where + " answers; the tables will be made at the first start, if the user may make them: " +
			"otherwise let an administrator run what confluence-audit db schema prints"}
	case err != nil:
		detail := where + ": " + terminal.Plain(err.Error())
		if remedy := databaseRemedy(err); remedy != "" {
			detail += "; " + remedy
		}
		return site.Step{Name: "db", Status: site.Fail, Detail: detail}
	}
	row, _ := logIn(found, log)
	detail := where + " answers"
	switch holder := holderOf(found, row); {
	case holder != "":
		detail += "; the log is read by " + holder
	case !row.Checkpoint.Head.IsZero():
		detail += fmt.Sprintf("; nobody reads the log, and the next to do so goes on with records after %s", row.Checkpoint.Head.UTC().Format(time.RFC3339))
	default:
		detail += "; nobody has read the log yet"
	}
	return site.Step{Name: "db", Status: site.OK, Detail: detail}
}

// logIn returns the row of a log.
func logIn(o fleet.Overview, name string) (row fleet.LogRow, ok bool) {
	i := slices.IndexFunc(o.Logs, func(r fleet.LogRow) bool { return r.Name == name })
	if i < 0 {
		return row, false
	}
	return o.Logs[i], true
}

// holderOf returns the name of the process that reads a log, "" if none does: none holds it, or
// the lease of the one that did is over.
func holderOf(o fleet.Overview, row fleet.LogRow) string {
	if row.Holder == "" || !row.Expires.After(o.Now) {
		return ""
	}
	return terminal.Plain(row.Holder)
}

// living returns the members whose lease is not over.
func living(o fleet.Overview) (members []fleet.MemberRow) {
	for _, m := range o.Members {
		if m.Expires.After(o.Now) {
			members = append(members, m)
		}
	}
	return members
}
