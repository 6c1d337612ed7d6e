package detections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bradleyjkemp/sigma-go"
	"github.com/bradleyjkemp/sigma-go/evaluator"
	"github.com/bradleyjkemp/sigma-go/evaluator/modifiers"
)

// The engine evaluates detections. It knows no correlations, and not all modifiers of the
// specification 2.1: those follow here.
func init() {
	modifiers.EventValueModifiers["hour"] = hour{}
	modifiers.ValueModifiers["expand"] = expand{}
	modifiers.Comparators["exists"] = exists{}
}

// hour is the modifier that takes the hour of a time, in UTC.
type hour struct{}

func (hour) Modify(value any) (any, error) {
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(value))
	return at.UTC().Hour(), err
}

// expand marks a placeholder, which the engine expands without it.
type expand struct{}

func (expand) Modify(value any) (any, error) { return value, nil }

// exists is the modifier for a field that is there.
type exists struct{}

func (exists) Matches(actual, expected any) (bool, error) {
	return (actual != nil) == (fmt.Sprint(expected) == "true"), nil
}

// record is an event as an engine sees it: the time, and values by the names of their fields with
// dots. A list has all its values under one name.
type record struct {
	at     time.Time
	fields map[string]any
	json   []byte // as it was delivered
}

// flatten adds the values of a decoded JSON object under their names with dots.
func flatten(fields map[string]any, name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			flatten(fields, strings.TrimPrefix(name+"."+key, "."), inner)
		}
	case []any:
		for _, inner := range v {
			flatten(fields, name, inner)
		}
	case nil:
	default:
		all, _ := fields[name].([]any)
		fields[name] = append(all, v)
	}
}

// text returns the first value of a field, empty when there is none.
func (r record) text(field string) string {
	if all, _ := r.fields[field].([]any); len(all) > 0 {
		return fmt.Sprint(all[0])
	}
	return ""
}

// placeholders are the lists that an operator fills in.
var placeholders = map[string][]string{"%home_countries%": {"DE", "AT"}, "%administrators%": {"aokafor", "mquinn"}}

// matcher returns an evaluator of a detection. A field of an event has the names that fields gives
// it, or its own.
func matcher(r sigma.Rule, fields map[string][]string) func(record) (bool, error) {
	mapping := map[string]sigma.FieldMapping{}
	for _, search := range r.Detection.Searches {
		for _, m := range search.EventMatchers {
			for _, f := range m {
				names := fields[f.Field]
				if names == nil {
					names = []string{f.Field}
				}
				mapping[f.Field] = sigma.FieldMapping{TargetNames: names}
			}
		}
	}
	e := evaluator.ForRule(r, evaluator.WithConfig(sigma.Config{FieldMappings: mapping}),
		evaluator.WithPlaceholderExpander(func(_ context.Context, name string) ([]string, error) { return placeholders[name], nil }))
	return func(event record) (bool, error) {
		result, err := e.Matches(context.Background(), event.fields)
		return result.Match, err
	}
}

// hits are the events for which each rule fires, by its title.
type hits map[string][]record

// run evaluates all rules over events that are in order. fields gives a field of the rules the names
// that it has in the events.
func run(t *testing.T, rules []*rule, events []record, fields map[string][]string) hits {
	t.Helper()
	all := hits{}
	for _, r := range rules {
		if r.Correlation != nil {
			continue
		}
		matches := matcher(r.Rule, fields)
		for _, event := range events {
			yes, err := matches(event)
			if err != nil {
				t.Fatalf("%s: %v", r.file, err)
			}
			if yes {
				all[r.Title] = append(all[r.Title], event)
			}
		}
	}
	var end time.Time
	if len(events) > 0 {
		end = events[len(events)-1].at
	}
	// A correlation of a correlation comes before it in a file.
	for _, r := range slices.Backward(rules) {
		if r.Correlation != nil {
			if fired := r.Correlation.run(t, partsOf(t, r, rules), all, end, fields); len(fired) > 0 {
				all[r.Title] = fired
			}
		}
	}
	return all
}

// partsOf returns the titles of the rules that a correlation names, which are in the same file.
func partsOf(t *testing.T, r *rule, rules []*rule) (titles []string) {
	t.Helper()
	for _, name := range r.Correlation.Rules {
		i := slices.IndexFunc(rules, func(other *rule) bool { return other.file == r.file && other.Name == name })
		if i < 0 {
			t.Fatalf("%s: no rule is named %s", r.file, name)
		}
		titles = append(titles, rules[i].Title)
	}
	return titles
}

// alerts returns the titles of the rules that fire and are to alert on.
func (h hits) alerts(rules []*rule) (titles []string) {
	for _, r := range rules {
		if r.alerts() && len(h[r.Title]) > 0 {
			titles = append(titles, r.Title)
		}
	}
	slices.Sort(titles)
	return titles
}
