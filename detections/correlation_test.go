package detections

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// correlation is the part of a correlation rule that says when it fires, after the specification of
// Sigma correlations 2.1.
type correlation struct {
	Type      string
	Rules     []string
	GroupBy   []string `yaml:"group-by"`
	Timespan  span
	Condition struct {
		Field string
		GTE   *int // this many or more
		LT    *int // fewer than this
	}
}

// run returns the events at which the correlation fires. parts are the titles of its rules, whose
// hits are in all; end is when the log ends.
func (c *correlation) run(t *testing.T, parts []string, all hits, end time.Time, fields map[string][]string) (fired []record) {
	type hit struct {
		record
		part int
	}
	groups := map[string][]hit{}
	for i, part := range parts {
		for _, event := range all[part] {
			if key, complete := groupOf(event, c.GroupBy, fields); complete {
				groups[key] = append(groups[key], hit{event, i})
			}
		}
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b hit) int { return a.at.Compare(b.at) })
		for i, h := range group {
			// The events of the time span that ends with this one.
			first := slices.IndexFunc(group, func(other hit) bool { return h.at.Sub(other.at) < time.Duration(c.Timespan) })
			window := group[first : i+1]
			switch c.Type {
			case "event_count":
				if c.Condition.LT != nil {
					// Too few come after this one, before the log ends.
					until := h.at.Add(time.Duration(c.Timespan))
					after := 0
					for _, other := range group[i+1:] {
						if other.at.Compare(until) <= 0 {
							after++
						}
					}
					if after < *c.Condition.LT && !until.After(end) {
						fired = append(fired, h.record)
					}
				} else if c.enough(len(window)) {
					fired = append(fired, h.record)
				}
			case "value_count":
				values := map[string]bool{}
				for _, other := range window {
					values[valueOf(other.record, c.Condition.Field, fields)] = true
				}
				if c.enough(len(values)) {
					fired = append(fired, h.record)
				}
			case "temporal":
				seen := map[int]bool{}
				for _, other := range window {
					seen[other.part] = true
				}
				if len(seen) == len(parts) {
					fired = append(fired, h.record)
				}
			case "temporal_ordered":
				next := 0
				for _, other := range window {
					if next < len(parts) && other.part == next {
						next++
					}
				}
				if next == len(parts) && h.part == len(parts)-1 {
					fired = append(fired, h.record)
				}
			default:
				t.Fatalf("correlation of type %q: the tests know event_count, value_count, temporal and temporal_ordered", c.Type)
			}
		}
	}
	slices.SortFunc(fired, func(a, b record) int { return a.at.Compare(b.at) })
	return fired
}

func (c *correlation) enough(n int) bool { return c.Condition.GTE != nil && n >= *c.Condition.GTE }

// groupOf returns the values by which events are grouped. An event without one of them is in no
// group.
func groupOf(event record, by []string, fields map[string][]string) (key string, complete bool) {
	var values []string
	for _, field := range by {
		value := valueOf(event, field, fields)
		if value == "" {
			return "", false
		}
		values = append(values, value)
	}
	return strings.Join(values, "\x00"), true
}

func valueOf(event record, field string, fields map[string][]string) string {
	names := fields[field]
	if names == nil {
		names = []string{field}
	}
	for _, name := range names {
		if value := event.text(name); value != "" {
			return value
		}
	}
	return ""
}
