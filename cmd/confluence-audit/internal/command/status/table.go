package status

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/terminal"
)

// groups writes each finding, and below it one line for each input that has it.
func (s screen) groups() {
	type key struct {
		level               level
		cause, text, remedy string
	}
	of := func(in *inputStatus) key {
		f := in.worst()
		return key{f.Level, f.Cause, f.Text, f.Remedy}
	}
	var order []key
	members := make(map[key][]*inputStatus)
	for _, in := range s.Inputs {
		k := of(in)
		if members[k] == nil {
			order = append(order, k)
		}
		members[k] = append(members[k], in)
	}
	for _, k := range order {
		fmt.Fprintln(s)
		f := finding{Level: k.level, Cause: k.cause, Text: k.text, Remedy: k.remedy}
		if n := len(members[k]); n > 1 {
			f.Detail = inputs(n)
		}
		s.finding("", f)
		fmt.Fprintln(s, s.Paint(terminal.Grey, tableLine("", "last poll", "newest", "an hour", "late", "queued", "token")))
		for _, in := range members[k] {
			s.row(in, k.level)
		}
	}
}

// nameWidth is the width of the first column.
const nameWidth = 26

// tableLine returns a line of a table. A name that is too long for its column gets a line of its
// own.
func tableLine(name string, cells ...any) string {
	gap := strings.Repeat(" ", max(nameWidth-terminal.Columns(name), 0))
	if gap == "" {
		gap = "\n" + strings.Repeat(" ", nameWidth+2)
	}
	return "  " + name + gap + fmt.Sprintf("%10s%9s%9s%7s%8s%8s", cells...)
}

func (s screen) row(in *inputStatus, l level) {
	age := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return words.Short(s.now.Sub(*t))
	}
	number := func(n *float64) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprintf("%.0f", *n)
	}
	queued, token := "-", "-"
	if in.Queued != nil {
		queued = words.Size(*in.Queued)
	}
	if in.TokenExpires != nil {
		token = fmt.Sprintf("%d d", in.tokenDays(s.now))
	}
	name := in.Name
	if in.input.Alias == "" && in.Site != "" {
		if u, err := url.Parse(in.Site); err == nil {
			name = u.Host + u.Path
			if in.mixed {
				name = in.product.Name + " " + name
			}
		}
	}
	fmt.Fprintln(s, tableLine(name, age(in.LastPoll), age(in.Newest), number(in.Hourly), number(in.Late), queued, token))
	if l >= person {
		text := in.address()
		if file := in.stateFile(); file != "" {
			text += ", state " + file
		}
		s.Hang("    ", 4, text)
	}
	for i, f := range in.Findings {
		if i > 0 {
			f.Remedy = "" // --input shows it
			s.finding("    ", f)
		} else if f.Detail != "" {
			s.Hang("    ", 4, f.Detail)
		}
	}
}
