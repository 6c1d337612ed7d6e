package check

import (
	"encoding/json"
	"io"
	"slices"

	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
)

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
