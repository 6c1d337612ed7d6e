package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// reporter shows the results of check.
type reporter interface {
	begin(in input.Input, settings config.Settings, mistakes, warnings []string)
	step(site.Step) // a step of the input begun last
	host(site.Step) // Fluent Bit's own result for the configuration
	outputs([]site.Step)
	// end returns whether all inputs can be read and all outputs have taken the test records.
	end() (ok bool, _ error)
}

// recorder keeps the results of one input for later.
type recorder struct {
	in                 input.Input
	settings           config.Settings
	mistakes, warnings []string
	steps              []site.Step
}

func (r *recorder) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
	r.in, r.settings, r.mistakes, r.warnings = in, settings, mistakes, warnings
}
func (r *recorder) step(s site.Step)    { r.steps = append(r.steps, s) }
func (r *recorder) host(site.Step)      {}
func (r *recorder) outputs([]site.Step) {}
func (r *recorder) end() (bool, error)  { return true, nil }

func (r *recorder) replay(show reporter) {
	show.begin(r.in, r.settings, r.mistakes, r.warnings)
	for _, s := range r.steps {
		show.step(s)
	}
}

// waiting shows on a terminal which site is waited for until the next result.
type waiting struct {
	reporter
	status *terminal.Status
	asking string
}

func (w *waiting) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
	w.reporter.begin(in, settings, mistakes, warnings)
	w.asking = "asking " + settings.APIURL
	if len(mistakes) == 0 {
		w.status.Show(w.asking)
	}
}

func (w *waiting) step(s site.Step) {
	w.status.Clear()
	w.reporter.step(s)
	w.status.Show(w.asking)
}

// list is the report for people: one line for each result, as soon as it is known, and what to do
// on a line of its own.
type list struct {
	screen   terminal.Screen
	many     bool // there are several inputs, so the end counts them
	mixed    bool // they read several products, so the name of each is shown
	offline  bool
	inputs   int
	bad      []string // the inputs that cannot be read, each with the reason
	refused  []string // outputs that have refused a test record
	warnings int
	in       input.Input // the input begun last
	isBad    bool        // it cannot be read
	mistaken bool        // an input has a mistake in its configuration
	hostSays bool        // Fluent Bit refuses the configuration
}

var marks = map[site.StepStatus]struct {
	sign   string
	colour terminal.Colour
}{
	site.OK:   {"✓", terminal.Green},
	site.Warn: {"!", terminal.Yellow},
	site.Fail: {"✗", terminal.Red},
	site.Skip: {"-", terminal.Grey},
}

func (l *list) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
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
		l.screen.Hang(l.mark(site.Fail)+" ", 2, mistake)
	}
	for _, warning := range warnings {
		l.screen.Hang(l.mark(site.Warn)+" ", 2, warning)
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

func (l *list) step(s site.Step) {
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

func (l *list) host(s site.Step) {
	if l.many {
		fmt.Fprintln(l.screen)
	}
	l.screen.Hang(l.mark(s.Status)+fmt.Sprintf(" %-*s", column-2, s.Name), column, s.Detail)
	switch s.Status {
	case site.Fail:
		l.hostSays = true
	case site.Warn:
		l.warnings++
	}
}

func (l *list) outputs(steps []site.Step) {
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
func (l *list) lacks(in input.Input, what string) {
	if l.isBad {
		return
	}
	l.isBad = true
	if l.many {
		what = cmp.Or(in.Alias, in.Where) + " (" + what + ")"
	}
	l.bad = append(l.bad, what)
}

func (l *list) end() (bool, error) {
	ok := len(l.bad)+len(l.refused) == 0 && !l.hostSays
	text, status := l.verdict(), site.OK
	if len(l.bad) > 0 {
		text += ": " + words.Some(l.bad)
	}
	if l.hostSays {
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
	l.screen.Hang(l.mark(status)+" ", 2, text)
	return ok, nil
}

// verdict returns the last line: the result of the whole check.
func (l *list) verdict() string {
	bad := len(l.bad)
	switch {
	case l.offline && bad == 0 && l.hostSays:
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

func (l *list) mark(status site.StepStatus) string {
	m := marks[status]
	return l.screen.Paint(m.colour, m.sign)
}

// stepText returns the result of a step, and what to do about it.
func stepText(s site.Step) (text, remedy string) {
	if s.Err == nil {
		return s.Detail, ""
	}
	e := *s.Err
	remedy, e.Remedy = e.Remedy, ""
	return e.Error(), remedy
}

// jsonReport is the report for programs: one JSON object at the end.
type jsonReport struct {
	w      io.Writer
	inputs []inputResult
	dryRun *stepResult
	tried  []stepResult
}

type inputResult struct {
	Alias    string       `json:"alias,omitempty"`
	Input    string       `json:"input,omitempty"` // file and line
	Product  string       `json:"product"`
	URL      string       `json:"api_url,omitempty"`
	OK       bool         `json:"ok"`
	Mistakes []string     `json:"mistakes,omitempty"`
	Warnings []string     `json:"warnings,omitempty"`
	Steps    []stepResult `json:"steps,omitempty"`
}

type stepResult struct {
	Name   string          `json:"name"`
	Status site.StepStatus `json:"status"`
	Detail string          `json:"detail,omitempty"`
	Cause  atlassian.Cause `json:"cause,omitempty"`
	Remedy string          `json:"remedy,omitempty"`
	HTTP   int             `json:"http_status,omitempty"`
	Trace  string          `json:"trace,omitempty"`
	Said   string          `json:"server_said,omitempty"`
}

func (d *jsonReport) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
	d.inputs = append(d.inputs, inputResult{Alias: in.Alias, Input: in.Where, Product: settings.Product.Key, URL: settings.APIURL,
		OK: len(mistakes) == 0, Mistakes: mistakes, Warnings: warnings})
}

func (d *jsonReport) step(s site.Step) {
	in := &d.inputs[len(d.inputs)-1]
	in.OK = in.OK && s.Status != site.Fail
	result := stepResult{Name: s.Name, Status: s.Status, Detail: s.Detail}
	if e := s.Err; e != nil {
		result.Detail, result.Cause, result.Remedy = e.Message, e.Cause, e.Remedy
		result.HTTP, result.Trace, result.Said = e.Status, e.Trace, e.Said
	}
	in.Steps = append(in.Steps, result)
}

func (d *jsonReport) host(s site.Step) {
	d.dryRun = &stepResult{Name: s.Name, Status: s.Status, Detail: s.Detail}
}

func (d *jsonReport) outputs(steps []site.Step) {
	for _, s := range steps {
		d.tried = append(d.tried, stepResult{Name: s.Name, Status: s.Status, Detail: s.Detail})
	}
}

func (d *jsonReport) end() (bool, error) {
	ok := !slices.ContainsFunc(d.inputs, func(in inputResult) bool { return !in.OK }) &&
		(d.dryRun == nil || d.dryRun.Status != site.Fail) &&
		!slices.ContainsFunc(d.tried, func(s stepResult) bool { return s.Status == site.Fail })
	encoder := json.NewEncoder(d.w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return ok, encoder.Encode(struct {
		OK        bool          `json:"ok"`
		Inputs    []inputResult `json:"inputs"`
		FluentBit *stepResult   `json:"fluent_bit,omitempty"`
		Outputs   []stepResult  `json:"outputs,omitempty"`
	}{ok, d.inputs, d.dryRun, d.tried})
}
