package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/terminal"
)

// screen writes the overview for people.
type screen struct {
	terminal.Screen
	*overview
	options options
}

// maxBlocks is up to how many inputs are shown with all details. More have one line each.
const maxBlocks = 3

var levelMarks = map[level]terminal.Mark{
	well:    terminal.Good,
	unknown: terminal.Unknown,
	note:    terminal.Note,
	soon:    terminal.Warning,
	person:  terminal.Bad,
}

func (s screen) mark(l level) string { return s.Mark(levelMarks[l]) }

func (s screen) write() {
	s.summary()
	for _, f := range s.overview.Findings {
		s.finding("", f)
	}
	if len(s.Inputs) <= maxBlocks || s.Width > 0 && s.Width < terminal.DefaultWidth {
		for _, in := range s.Inputs {
			s.block(in)
		}
		s.notes(s.rateNote())
		return
	}
	s.groups()
	s.notes(s.rateNote(), "--input NAME shows one input, with all there is to know")
}

// summary writes the first line, and where the facts come from.
func (s screen) summary() {
	counts := make(map[level]int)
	for _, in := range s.Inputs {
		counts[in.worst().Level]++
	}
	worst := well
	for _, f := range s.overview.Findings {
		worst = max(worst, f.Level)
	}
	for l := range counts {
		worst = max(worst, l)
	}
	text, total := "", len(s.Inputs)
	switch needed := counts[person] + counts[soon]; {
	case needed > 0 && total == 1:
		text = "the input needs attention"
	case needed > 0:
		text = fmt.Sprintf("%d of %d inputs need attention", needed, total)
	case !s.Answers:
		text = fmt.Sprintf("Fluent Bit does not say how its %d inputs do; this is what they left", total)
		if total == 1 {
			text = "Fluent Bit does not say how the input does; this is what it left"
		}
	case worst >= soon:
		text = "Fluent Bit needs attention; " + inputs(total) + " read"
	case counts[well] == total && total == 1:
		text = "the input is well"
	case counts[well] == total:
		text = fmt.Sprintf("all %d inputs are well", total)
	case total == 1:
		text = "the input needs no attention"
	default:
		text = fmt.Sprintf("%s, none needs attention", inputs(total))
	}
	s.Marked(levelMarks[worst], text)
	if s.Answers {
		s.Hang("  ", 2, fmt.Sprintf("Fluent Bit %s at %s, running for %s", s.Version, s.Address, words.About(seconds(s.Uptime))))
	}
}

func inputs(n int) string { return words.Count(n, "input") }

// finding writes a finding, and what to do about it on a line of its own.
func (s screen) finding(indent string, f finding) {
	text := f.Text
	if f.Cause != "" {
		text = f.Cause + ": " + text
	}
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	s.Hang(indent+s.mark(f.Level)+" ", len(indent)+2, text)
	s.remedy(indent, f)
}

func (s screen) remedy(indent string, f finding) {
	if f.Remedy != "" {
		s.Hang(indent+"  → ", len(indent)+4, f.Remedy)
	}
}

// block writes all details of one input.
func (s screen) block(in *inputStatus) {
	fmt.Fprintln(s)
	s.Marked(levelMarks[in.worst().Level], s.Paint(terminal.Bold, in.Name)+s.where(in))
	for _, f := range in.Findings {
		s.finding("  ", f)
	}
	line := func(name, text string) {
		if text != "" {
			s.Hang(fmt.Sprintf("  %-15s", name), 17, text)
		}
	}
	line("up", s.up(in))
	line("last poll", s.lastPoll(in))
	line("newest record", s.time(in.Newest))
	line("records", in.records())
	if in.CatchUp != nil && !s.Answers { // otherwise it is among the findings
		line("catch-up", in.catchUp())
	}
	line("queued", in.queued())
	if in.TokenExpires != nil {
		line("token", fmt.Sprintf("%s left, until %s", words.Count(in.tokenDays(s.now), "day"), in.TokenExpires.Format(time.DateOnly)))
	}
	line("state", in.stateFile())
	if in.Shared != nil {
		line("read by", in.Shared.text())
		line("members", in.Shared.membersText())
	}
}

func (s screen) where(in *inputStatus) string {
	if in.Site == "" {
		return "  " + in.Where
	}
	return "  " + in.address()
}

// address is the address of the site. Two products can have the same one, so the product is before
// it where the configuration has several.
func (in *inputStatus) address() string {
	if in.mixed && in.Site != "" {
		return in.product.Name + " " + in.Site
	}
	return in.Site
}

func (s screen) up(in *inputStatus) string {
	switch {
	case in.Up == nil:
		return "not known"
	case *in.Up:
		return "yes"
	}
	return "no"
}

func (s screen) time(t *time.Time) string {
	if t == nil {
		if s.Answers {
			return "none yet"
		}
		return ""
	}
	return fmt.Sprintf("%s, %s", t.UTC().Format(time.RFC3339), words.Ago(s.now.Sub(*t)))
}

// lastPoll is exact if it comes from Fluent Bit. A checkpoint has one an hour, to save writes.
func (s screen) lastPoll(in *inputStatus) string {
	text := s.time(in.LastPoll)
	if in.LastPoll != nil && (in.metrics == nil || in.standsBy()) {
		text += ", or later"
	}
	return text
}

func (in *inputStatus) records() string {
	if in.Records == nil {
		return ""
	}
	text := fmt.Sprintf("%.0f", *in.Records)
	if in.Hourly != nil {
		text += fmt.Sprintf(", %.0f an hour", *in.Hourly)
	}
	if in.Late != nil && *in.Late > 0 {
		text += fmt.Sprintf("; %.0f of them late", *in.Late)
	}
	return text
}

func (in *inputStatus) queued() string {
	var parts []string
	if in.Queued != nil {
		parts = append(parts, words.Size(*in.Queued))
	}
	if in.Chunks != nil && (*in.Chunks > 0 || in.Queued == nil) {
		parts = append(parts, words.Count(*in.Chunks, "chunk")+" in Fluent Bit's buffer")
	}
	return strings.Join(parts, ", and ")
}

// tokenDays returns for how many days the token is valid, 0 when it has expired.
func (in *inputStatus) tokenDays(now time.Time) int {
	return int(max(in.TokenExpires.Unix()-now.Unix(), 0) / (24 * 3600))
}

func (in *inputStatus) stateFile() string {
	switch {
	case in.Site == "":
		return ""
	case in.DB == "":
		return "in memory only"
	case in.StateWritten != nil:
		return in.DB + ", written " + in.StateWritten.UTC().Format(time.RFC3339)
	}
	return in.DB
}

// notes writes the notes at the end.
func (s screen) notes(texts ...string) {
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
	if len(texts) > 0 {
		fmt.Fprintln(s)
	}
	for _, text := range texts {
		s.Hang("", 0, text)
	}
}

// rateNote explains the records an hour.
func (s screen) rateNote() string {
	i := slices.IndexFunc(s.Inputs, func(in *inputStatus) bool { return in.Hourly != nil })
	if i < 0 {
		return ""
	}
	over := seconds(s.Inputs[i].Over)
	text := "records an hour: the mean of the " + words.About(over) + " since Fluent Bit was started"
	if over < seconds(s.Uptime) {
		text = "records an hour: the mean of the " + words.About(over) + " watched"
	}
	if over < time.Hour {
		text += ", reckoned to an hour"
	}
	return text
}
