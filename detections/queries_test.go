package detections

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The alerts of VictoriaLogs (for vmalert) and of Loki (for its ruler) are made from the rules for
// ecs. Neither language has an order of events: where a rule wants one, the alert does without.

// lookBack is how far an alert looks back beyond the time span of its rule, zero for a single event:
// longer than a poll takes, the delivery, and the interval of the alerts together.
const lookBack = 15 * time.Minute

// shown are the fields by which alerts on single events are grouped.
var shown = []string{"event.code", "user.name", "user.full_name", "user.id", "source.ip", "service.address"}

// question is what an alert asks the log.
type question struct {
	*rule
	parts   []part
	groupBy []string
	span    time.Duration
	fewer   bool // alert when there are fewer, not when there are so many
}

// part is a number of events of some actions.
type part struct {
	codes    []string
	number   int
	distinct string // the field whose values are counted, empty for events
}

// questions returns those of all rules to alert on.
func questions(t *testing.T) (all []question) {
	t.Helper()
	rules := rulesIn(t, "ecs")
	for _, r := range rules {
		if !r.alerts() {
			continue
		}
		q := question{rule: r, groupBy: shown, span: lookBack, parts: []part{{codes: valuesOf(r, "event.code"), number: 1}}}
		if c := r.Correlation; c != nil {
			q.groupBy, q.parts, q.fewer = c.GroupBy, nil, c.Condition.LT != nil
			if q.span = time.Duration(c.Timespan); !q.fewer {
				q.span += lookBack
			}
			for _, title := range partsOf(t, r, rules) {
				q.add(t, rules, title)
			}
			switch {
			case c.Condition.GTE != nil:
				q.parts[0].number, q.parts[0].distinct = *c.Condition.GTE, c.Condition.Field
			case q.fewer:
				q.parts[0].number = *c.Condition.LT
			}
		}
		all = append(all, q)
	}
	return all
}

// add adds a rule that a correlation names: a detection, or a count of one.
func (q *question) add(t *testing.T, rules []*rule, title string) {
	t.Helper()
	r := rules[slices.IndexFunc(rules, func(r *rule) bool { return r.file == q.file && r.Title == title })]
	number := 1
	if c := r.Correlation; c != nil {
		number = *c.Condition.GTE
		q.span += time.Duration(c.Timespan)
		title = partsOf(t, r, rules)[0]
		r = rules[slices.IndexFunc(rules, func(r *rule) bool { return r.file == q.file && r.Title == title })]
	}
	q.parts = append(q.parts, part{codes: valuesOf(r, "event.code"), number: number})
}

// duration writes a time as both languages do.
func duration(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

func quoted(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = fmt.Sprintf("%q", text)
	}
	return all
}

// logsQL returns the query of VictoriaLogs.
func (q question) logsQL() string {
	in := func(codes []string) string {
		return fmt.Sprintf(`"event.code":in(%s)`, strings.Join(quoted(codes), ", "))
	}
	by := strings.Join(quoted(q.groupBy), ", ")
	switch p := q.parts[0]; {
	case q.fewer:
		return fmt.Sprintf(`_time:1d %s | stats by (%s) count() if (_time:%s) as hits | filter hits:<%d`, in(p.codes), by, duration(q.span), p.number)
	case p.distinct != "":
		return fmt.Sprintf(`_time:%s %s | stats by (%s) count_uniq(%q) as hits | filter hits:>=%d`, duration(q.span), in(p.codes), by, p.distinct, p.number)
	case len(q.parts) == 1:
		return fmt.Sprintf(`_time:%s %s | stats by (%s) count() as hits | filter hits:>=%d`, duration(q.span), in(p.codes), by, p.number)
	}
	var codes, counts, filters []string
	for i, p := range q.parts {
		codes = append(codes, p.codes...)
		counts = append(counts, fmt.Sprintf(`count() if (%s) as hits_%d`, in(p.codes), i+1))
		filters = append(filters, fmt.Sprintf(`hits_%d:>=%d`, i+1, p.number))
	}
	return fmt.Sprintf(`_time:%s %s | stats by (%s) %s | filter %s`, duration(q.span), in(codes), by, strings.Join(counts, ", "), strings.Join(filters, " "))
}

// logQL returns the query of Loki. A label cannot have a dot in its name.
func (q question) logQL() string {
	label := func(field string) string { return strings.ReplaceAll(field, ".", "_") }
	count := func(p part, by []string, span time.Duration) string {
		labels, fields := []string{}, []string{}
		for _, field := range by {
			labels = append(labels, label(field))
		}
		for _, field := range append([]string{"event.code"}, by...) {
			if f := fmt.Sprintf(`%s=%q`, label(field), field); !slices.Contains(fields, f) {
				fields = append(fields, f)
			}
		}
		return fmt.Sprintf("sum by (%s) (count_over_time({job=\"atlassian\"} | json %s | event_code=~%q [%s]))",
			strings.Join(labels, ", "), strings.Join(fields, ", "), strings.ReplaceAll(strings.Join(p.codes, "|"), ".", "[.]"), duration(span))
	}
	switch p := q.parts[0]; {
	case q.fewer:
		return count(p, q.groupBy, 24*time.Hour) + "\nunless " + count(p, q.groupBy, q.span)
	case p.distinct != "":
		var labels []string
		for _, field := range q.groupBy {
			labels = append(labels, label(field))
		}
		return fmt.Sprintf("count by (%s) (%s) >= %d", strings.Join(labels, ", "), count(p, append(slices.Clone(q.groupBy), p.distinct), q.span), p.number)
	}
	var all []string
	for _, p := range q.parts {
		all = append(all, fmt.Sprintf("%s >= %d", count(p, q.groupBy, q.span), p.number))
	}
	return strings.Join(all, "\nand ")
}

// alert is a rule of vmalert or of Loki's ruler, which have the form of Prometheus.
type alert struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

func (q question) alert(expr string) alert {
	var name strings.Builder
	for word := range strings.SplitSeq(strings.TrimSuffix(filepath.Base(q.file), ".yml"), "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return alert{name.String(), expr, map[string]string{"severity": q.Level}, map[string]string{
		"summary": q.Title, "description": strings.TrimSpace(q.Description), "response": strings.TrimSpace(q.Response)}}
}

// TestAlerts: what is made from the rules is up to date.
func TestAlerts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, head, kind string
		expr             func(question) string
	}{
		{"../examples/victorialogs/alerts.yaml", "# For vmalert", "vlogs", question.logsQL},
		{"../examples/loki/rules.yaml", "# For Loki's ruler, over records of the schema ecs", "", question.logQL},
	} {
		type group struct {
			Name, Interval string
			Type           string `yaml:",omitempty"`
			Rules          []alert
		}
		g := group{Name: "atlassian", Type: c.kind, Interval: "5m"}
		for _, q := range questions(t) {
			g.Rules = append(g.Rules, q.alert(c.expr(q)))
		}
		var want bytes.Buffer
		want.WriteString(c.head + ". Made from detections/ecs: go test ./detections -update\n")
		encoder := yaml.NewEncoder(&want)
		encoder.SetIndent(2)
		if err := encoder.Encode(map[string][]group{"groups": {g}}); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(c.file, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, _ := os.ReadFile(c.file)
		if diff := cmp.Diff(want.String(), string(have)); diff != "" {
			t.Errorf("%s is out of date, run go test ./detections -update (-want +have):\n%s", c.file, diff)
		}
	}
}
