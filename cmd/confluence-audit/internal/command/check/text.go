package check

import (
	"cmp"
	"fmt"
	"strings"

	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// textReport is the report for people: one line for each result, as soon as it is known, and what to do
// on a line of its own.
type textReport struct {
	screen      terminal.Screen
	many        bool // there are several inputs, so the end counts them
	mixed       bool // they read several products, so the name of each is shown
	offline     bool
	inputs      int
	bad         []string // the inputs that cannot be read, each with the reason
	refused     []string // outputs that have refused a test record
	warnings    int
	in          input.Input // the input begun last
	isBad       bool        // it cannot be read
	mistaken    bool        // an input has a mistake in its configuration
	hostRefuses bool        // Fluent Bit refuses the configuration
}

var marks = map[site.StepStatus]terminal.Mark{
	site.OK: terminal.Good, site.Warn: terminal.Warning, site.Fail: terminal.Bad, site.Skip: terminal.Unknown,
}

func (l *textReport) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
	if l.inputs > 0 {
		fmt.Fprintln(l.screen)
	}
	l.inputs++
	l.isBad = false
	if name := in.Name(); name != "" {
		product := ""
		if l.mixed {
			product = ", " + settings.Product.Name
		}
		fmt.Fprintln(l.screen, l.screen.Paint(terminal.Bold, name)+product)
	}
	for _, mistake := range mistakes {
		l.screen.Marked(terminal.Bad, mistake)
	}
	for _, warning := range warnings {
		l.screen.Marked(terminal.Warning, warning)
	}
	l.warnings += len(warnings)
	if len(mistakes) > 0 {
		l.mistaken = true
		l.lacks(in, words.Count(len(mistakes), "mistake"))
	}
	l.in = in
}

// column is where the details of steps begin.
const column = 17

func (l *textReport) step(s site.Step) {
	text, remedy := stepText(s)
	l.screen.Hang(l.mark(s.Status)+fmt.Sprintf(" %-*s", column-2, s.Name), column, text)
	if remedy != "" {
		l.screen.Hang(strings.Repeat(" ", column)+"→ ", column+2, remedy)
	}
	switch s.Status {
	case site.Fail:
		l.lacks(l.in, s.Name)
	case site.Warn:
		l.warnings++
	}
}

func (l *textReport) host(s site.Step) {
	if l.many {
		fmt.Fprintln(l.screen)
	}
	l.screen.Hang(l.mark(s.Status)+fmt.Sprintf(" %-*s", column-2, s.Name), column, s.Detail)
	switch s.Status {
	case site.Fail:
		l.hostRefuses = true
	case site.Warn:
		l.warnings++
	}
}

func (l *textReport) outputs(steps []site.Step) {
	fmt.Fprintf(l.screen, "\n%s\n", l.screen.Paint(terminal.Bold, "outputs"))
	for _, s := range steps {
		l.screen.Hang(l.mark(s.Status)+fmt.Sprintf(" %-*s", column-2, s.Name), column, s.Detail)
		switch s.Status {
		case site.Fail:
			l.refused = append(l.refused, s.Name)
		case site.Warn:
			l.warnings++
		}
	}
}

// lacks notes the first reason why an input cannot be read.
func (l *textReport) lacks(in input.Input, what string) {
	if l.isBad {
		return
	}
	l.isBad = true
	if l.many {
		what = cmp.Or(in.Alias, in.Where) + " (" + what + ")"
	}
	l.bad = append(l.bad, what)
}

func (l *textReport) end() (bool, error) {
	ok := len(l.bad)+len(l.refused) == 0 && !l.hostRefuses
	text, status := l.verdict(), site.OK
	if len(l.bad) > 0 {
		text += ": " + words.Some(l.bad)
	}
	if l.hostRefuses {
		text += "; Fluent Bit does not start with the configuration"
	}
	if len(l.refused) > 0 {
		text += "; not all can be delivered: " + words.Some(l.refused)
	}
	if !ok {
		status = site.Fail
	}
	if l.warnings > 0 {
		text += "; " + words.Count(l.warnings, "warning")
	}
	fmt.Fprintln(l.screen)
	l.screen.Marked(marks[status], text)
	return ok, nil
}

// verdict returns the last line: the result of the whole check.
func (l *textReport) verdict() string {
	bad := len(l.bad)
	switch {
	case l.offline && bad == 0 && l.hostRefuses:
		return "no server was asked"
	case l.offline && bad == 0:
		return "the configuration has no mistakes; no server was asked"
	case !l.many && l.mistaken:
		return "the configuration cannot work"
	case l.many && l.offline:
		return fmt.Sprintf("%d of %d inputs cannot work", bad, l.inputs)
	case l.many && bad == 0:
		return fmt.Sprintf("the records of all %d inputs can be read", l.inputs)
	case l.many:
		return fmt.Sprintf("the records of %d of %d inputs cannot be read", bad, l.inputs)
	case bad == 0:
		return "records can be read"
	}
	return "records cannot be read"
}

func (l *textReport) mark(status site.StepStatus) string { return l.screen.Mark(marks[status]) }

// stepText returns the result of a step, and what to do about it.
func stepText(s site.Step) (text, remedy string) {
	if s.Err == nil {
		return s.Detail, ""
	}
	e := *s.Err
	remedy, e.Remedy = e.Remedy, ""
	return e.Error(), remedy
}
