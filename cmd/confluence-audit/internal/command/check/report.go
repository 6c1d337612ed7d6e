package check

import (
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// inputReporter shows or keeps the results of inputs.
type inputReporter interface {
	begin(in input.Input, settings config.Settings, mistakes, warnings []string)
	step(site.Step) // a step of the input begun last
}

// reporter shows the results of check.
type reporter interface {
	inputReporter
	host(site.Step) // Fluent Bit's own result for the configuration
	outputs([]site.Step)
	// end returns whether all inputs can be read and all outputs have taken the test records.
	end() (ok bool, _ error)
}

// results keeps the results of one input for later.
type results struct {
	in                 input.Input
	settings           config.Settings
	mistakes, warnings []string
	steps              []site.Step
}

func (r *results) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
	r.in, r.settings, r.mistakes, r.warnings = in, settings, mistakes, warnings
}

func (r *results) step(s site.Step) { r.steps = append(r.steps, s) }

func (r *results) reportTo(show inputReporter) {
	show.begin(r.in, r.settings, r.mistakes, r.warnings)
	for _, s := range r.steps {
		show.step(s)
	}
}

// waiting shows on a terminal which site is waited for until the next result.
type waiting struct {
	inputReporter
	status *terminal.Status
	asking string
}

func (w *waiting) begin(in input.Input, settings config.Settings, mistakes, warnings []string) {
	w.inputReporter.begin(in, settings, mistakes, warnings)
	w.asking = "asking " + settings.APIURL
	if len(mistakes) == 0 {
		w.status.Show(w.asking)
	}
}

func (w *waiting) step(s site.Step) {
	w.status.Clear()
	w.inputReporter.step(s)
	w.status.Show(w.asking)
}
