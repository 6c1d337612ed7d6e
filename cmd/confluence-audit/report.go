package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"fluent-bit-confluence/confluence"
)

// reporter shows the findings of check.
type reporter interface {
	begin(where, url string, mistakes, warnings []string) // an input
	step(confluence.Step)                                 // of the input begun last
	end(ok bool) error
}

// list is for people: one line per finding, as soon as there is one.
type list struct {
	w      io.Writer
	colour bool
	begun  bool
}

var marks = map[confluence.StepStatus]struct{ sign, colour string }{
	confluence.OK:   {"✓", "32"},
	confluence.Warn: {"!", "33"},
	confluence.Fail: {"✗", "31"},
	confluence.Skip: {"-", "90"},
}

func (l *list) begin(where, url string, mistakes, warnings []string) {
	if l.begun {
		fmt.Fprintln(l.w)
	}
	l.begun = true
	if where != "" {
		fmt.Fprintln(l.w, where)
	}
	for _, mistake := range mistakes {
		fmt.Fprintf(l.w, "%s %s\n", l.mark(confluence.Fail), mistake)
	}
	for _, warning := range warnings {
		fmt.Fprintf(l.w, "%s %s\n", l.mark(confluence.Warn), warning)
	}
}

func (l *list) step(s confluence.Step) {
	line := fmt.Sprintf("%-15s%s", s.Name, stepText(s))
	fmt.Fprintln(l.w, l.mark(s.Status), strings.TrimRight(line, " "))
}

func (l *list) end(bool) error { return nil }

func (l *list) mark(status confluence.StepStatus) string {
	m := marks[status]
	if !l.colour {
		return m.sign
	}
	return "\x1b[" + m.colour + "m" + m.sign + "\x1b[0m"
}

// stepText is the error, which holds its remedy, or else the detail.
func stepText(s confluence.Step) string {
	if s.Err != nil {
		return s.Err.Error()
	}
	return s.Detail
}

// document is for machines: one JSON object at the end.
type document struct {
	w      io.Writer
	inputs []inputResult
}

type inputResult struct {
	Input    string       `json:"input,omitempty"` // file and line
	URL      string       `json:"api_url,omitempty"`
	OK       bool         `json:"ok"`
	Mistakes []string     `json:"mistakes,omitempty"`
	Warnings []string     `json:"warnings,omitempty"`
	Steps    []stepResult `json:"steps,omitempty"`
}

type stepResult struct {
	Name   string                `json:"name"`
	Status confluence.StepStatus `json:"status"`
	Detail string                `json:"detail,omitempty"`
	Cause  confluence.Cause      `json:"cause,omitempty"`
	Remedy string                `json:"remedy,omitempty"`
	HTTP   int                   `json:"http_status,omitempty"`
	Trace  string                `json:"trace,omitempty"`
}

func (d *document) begin(where, url string, mistakes, warnings []string) {
	d.inputs = append(d.inputs, inputResult{Input: where, URL: url, OK: len(mistakes) == 0, Mistakes: mistakes, Warnings: warnings})
}

func (d *document) step(s confluence.Step) {
	in := &d.inputs[len(d.inputs)-1]
	in.OK = in.OK && s.Status != confluence.Fail
	result := stepResult{Name: s.Name, Status: s.Status, Detail: s.Detail}
	if e := s.Err; e != nil {
		result.Detail, result.Cause, result.Remedy = e.Message, e.Cause, e.Remedy
		result.HTTP, result.Trace = e.Status, e.Trace
	}
	in.Steps = append(in.Steps, result)
}

func (d *document) end(ok bool) error {
	encoder := json.NewEncoder(d.w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		OK     bool          `json:"ok"`
		Inputs []inputResult `json:"inputs"`
	}{ok, d.inputs})
}

// colourful tells whether w is a terminal whose owner wants colours (no-color.org).
func colourful(w io.Writer) bool {
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
