package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/terminal"
)

// databaseWait bounds how long a command waits for a database.
const databaseWait = 10 * time.Second

// viewDatabase reads what processes share in the database of an input. It changes nothing. Its
// errors have no secrets.
func viewDatabase(ctx context.Context, s config.Settings) (fleet.Overview, error) {
	ctx, cancel := context.WithTimeout(ctx, databaseWait)
	defer cancel()
	return fleet.View(ctx, databaseOf(s))
}

// databaseOf returns how the database of an input is reached.
func databaseOf(s config.Settings) fleet.Options {
	o := fleet.Options{URL: s.Database}
	if s.DatabasePassword.IsSet() {
		o.Password = s.DatabasePassword.Reveal
	}
	return o
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

// tryDatabase checks whether the input could share its log through the database.
func tryDatabase(ctx context.Context, s config.Settings, at site.Site) site.Step {
	where := shownDatabase(s.Database)
	found, err := viewDatabase(ctx, s)
	switch {
	case fleet.NoTables(err):
		return site.Step{Name: "db", Status: site.OK, Detail: where + " answers; the tables will be made at the first start, if the user may make them: " +
			"otherwise let an administrator run what confluence-audit db schema prints"}
	case err != nil:
		return site.Step{Name: "db", Status: site.Fail, Detail: where + ": " + terminal.Plain(fleet.Explained(err).Error())}
	}
	row, _ := logIn(found, at.Log())
	detail := where + " answers"
	former := slices.IndexFunc(found.Logs, func(r fleet.LogRow) bool {
		other := state.OtherSite{Is: r.Name, Want: at.Log(), CloudID: r.Checkpoint.CloudID}
		return r.Name != at.Log() && other.Moved(at.CloudID)
	})
	switch holder := holderOf(found, row); {
	case holder != "":
		detail += "; the log is read by " + holder
	case !row.Checkpoint.Head.IsZero():
		detail += fmt.Sprintf("; nobody reads the log, and the next to do so goes on with records after %s", row.Checkpoint.Head.UTC().Format(time.RFC3339))
	case former >= 0:
		detail += "; it has the log of the same site at its former address, " + terminal.Plain(found.Logs[former].Name) + ": it is taken along"
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
