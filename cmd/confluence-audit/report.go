package main

import (
	"encoding/json"
	"fmt"
	"io"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/terminal"
)

// reporter shows the findings of check.
type reporter interface {
	begin(where, url string, mistakes, warnings []string) // an input
	step(confluence.Step)                                 // of the input begun last
	end(ok bool) error
}

// list is for people: one line per finding, as soon as there is one.
type list struct {
	screen terminal.Screen
	begun  bool
}

var marks = map[confluence.StepStatus]struct {
	sign   string
	colour terminal.Colour
}{
	confluence.OK:   {"✓", terminal.Green},
	confluence.Warn: {"!", terminal.Yellow},
	confluence.Fail: {"✗", terminal.Red},
	confluence.Skip: {"-", terminal.Grey},
}

func (l *list) begin(where, url string, mistakes, warnings []string) {
	if l.begun {
		fmt.Fprintln(l.screen)
	}
	l.begun = true
	if where != "" {
		fmt.Fprintln(l.screen, where)
	}
	for _, mistake := range mistakes {
		l.screen.Hang(l.mark(confluence.Fail)+" ", 2, mistake)
	}
	for _, warning := range warnings {
		l.screen.Hang(l.mark(confluence.Warn)+" ", 2, warning)
	}
}

func (l *list) step(s confluence.Step) {
	l.screen.Hang(l.mark(s.Status)+fmt.Sprintf(" %-15s", s.Name), 17, stepText(s))
}

func (l *list) end(bool) error { return nil }

func (l *list) mark(status confluence.StepStatus) string {
	m := marks[status]
	return l.screen.Paint(m.colour, m.sign)
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
