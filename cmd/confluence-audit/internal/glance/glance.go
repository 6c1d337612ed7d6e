// Package glance tells in one line, or in the cells of a table, what an event is about.
package glance

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/internal/terminal"
)

// A Glance is a record for people: what happened, who did it, to what, and from where.
type Glance struct {
	ID         string
	Time       time.Time
	action     string
	code       string // the name in the table of actions
	who        string
	userID     string
	email      string
	names      []string // all names of the user
	what, from string
	failed     bool
}

// Of reads an event of the schema ecs, which has fields for all of this, for records of
// every product and deployment.
func Of(event []byte) Glance {
	type user struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		FullName string `json:"full_name"`
		Email    string `json:"email"`
	}
	type audited struct {
		Audit struct {
			Type    struct{ Action string }
			Objects []struct{ Name string } `json:"affected_objects"`
		}
	}
	var e struct {
		Time  time.Time `json:"@timestamp"`
		Event struct{ ID, Action, Code, Outcome, Original string }
		User  struct {
			user
			Target user
		}
		Group            struct{ Name string }
		Source           struct{ IP, Address string }
		Confluence, Jira audited
		Organization     audited `json:"atlassian_cloud"`
	}
	_ = json.Unmarshal(event, &e) // a field that cannot be read stays empty
	g := Glance{
		ID: e.Event.ID, Time: e.Time, code: e.Event.Code, failed: e.Event.Outcome == "failure",
		action: either(e.Confluence.Audit.Type.Action, e.Jira.Audit.Type.Action, e.Organization.Audit.Type.Action, e.Event.Action, e.Event.Original, "a record that cannot be read"),
		who:    either(e.User.FullName, e.User.Email, e.User.Name, e.User.ID),
		userID: e.User.ID, email: e.User.Email,
		names: []string{e.User.FullName, e.User.Email, e.User.Name, e.User.ID},
		from:  either(e.Source.IP, e.Source.Address),
	}
	// First who was given or lost something, then the objects, where the name of a group may have
	// its id behind it.
	what := []string{either(e.User.Target.FullName, e.User.Target.Email, e.User.Target.Name), e.Group.Name}
	for _, o := range slices.Concat(e.Confluence.Audit.Objects, e.Jira.Audit.Objects, e.Organization.Audit.Objects) {
		what = append(what, o.Name)
	}
	var parts []string
	for _, name := range what {
		if name != "" && !named(parts, name) {
			parts = append(parts, name)
		}
	}
	g.what = terminal.Plain(strings.Join(parts, ", "))
	for _, text := range []*string{&g.action, &g.who, &g.from} {
		*text = terminal.Plain(*text)
	}
	return g
}

func either(texts ...string) string {
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

// named returns whether parts contain a name, with or without an id behind it.
func named(parts []string, name string) bool {
	for _, part := range parts {
		if name == part || strings.HasPrefix(name, part+":") {
			return true
		}
	}
	return false
}

// Columns are the names of the cells.
var Columns = []string{"time", "action", "code", "user", "user_id", "user_email", "objects", "source", "event_id"}

// Cells returns the record as the cells of a table.
func (g Glance) Cells() []string {
	return []string{g.Time.UTC().Format("2006-01-02T15:04:05.000Z"), g.action, g.code, g.who, g.userID, g.email, g.what, g.from, g.ID}
}

// Matches returns whether the action and the user contain the given texts, in any case.
func (g Glance) Matches(action, user string) bool {
	holds := func(text, part string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(part)) }
	return (holds(g.action, action) || holds(g.code, action)) && holds(strings.Join(g.names, "\n"), user)
}

// Line returns the record as one line. On a terminal it is cut to the width.
func (g Glance) Line(s terminal.Screen) string {
	colour := terminal.Cyan
	if g.failed {
		colour = terminal.Red
	}
	parts := []part{
		{g.Time.UTC().Format(timeLayout), terminal.Grey, len(timeLayout)},
		{g.action, colour, 16},
		{g.who, terminal.Green, 8},
		{g.what, "", 8},
		{g.from, terminal.Grey, 8},
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.text == "" })
	if s.Width > 0 {
		fit(parts, s.Width)
	}
	var line []string
	for _, p := range parts {
		line = append(line, s.Paint(p.colour, p.text))
	}
	return strings.Join(line, gap)
}

const (
	timeLayout = "2006-01-02 15:04:05"
	gap        = "  "
)

// part is one piece of a line, with the columns that are kept at least.
type part struct {
	text   string
	colour terminal.Colour
	least  int
}

// fit shortens the parts until the line fits. The objects, which have no colour, are shortened
// first.
func fit(parts []part, width int) {
	over := (len(parts)-1)*len(gap) - width
	for _, p := range parts {
		over += terminal.Columns(p.text)
	}
	shorten := func(p *part) {
		if over > 0 {
			before := terminal.Columns(p.text)
			p.text = terminal.Cut(p.text, max(p.least, before-over))
			over -= before - terminal.Columns(p.text)
		}
	}
	for i := range parts {
		if parts[i].colour == "" {
			shorten(&parts[i])
		}
	}
	for i := range parts {
		shorten(&parts[i])
	}
}
