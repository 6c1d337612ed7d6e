package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNothingLost: every text and number of a record stands in its event, in whatever place.
func TestNothingLost(t *testing.T) {
	t.Parallel()
	for _, raw := range slices.Concat(actionSamples(t), jiraSamples(t), organizationSamples(t)) {
		for _, schema := range Names() {
			if lost := lost(line(t, schema, false, timeOf(raw), raw), raw); lost != "" {
				t.Errorf("%s lost %q of %s", schema, lost, raw)
			}
		}
	}
}

// lost is a text or number of the record that the event does not have, empty when all are there.
func lost(event object, raw []byte) string {
	v, err := decodeJSON(raw)
	if err != nil {
		return ""
	}
	var have []string
	leaves(event, true, func(text string) { have = append(have, text) })
	missing := ""
	leaves(v, false, func(text string) {
		whole := func(h string) bool { return strings.Contains(h, text) }
		ms, err := json.Number(text).Int64()
		name, id, split := strings.Cut(text, ":")
		switch {
		case slices.ContainsFunc(have, whole):
		case slices.ContainsFunc(have, func(h string) bool { return h != "" && strings.TrimSuffix(h, "Z")+"+0000" == text }): // a time
		case err == nil && slices.Contains(have, time.UnixMilli(ms).UTC().Format(millis)): // a time
		case split && slices.Contains(have, name) && slices.Contains(have, id): // a group
		default:
			missing = text
		}
	})
	return missing
}

// leaves calls f with every text and number; inText also with those in a text that is JSON.
func leaves(v any, inText bool, f func(string)) {
	switch v := v.(type) {
	case object:
		for _, m := range v {
			leaves(m.Value, inText, f)
		}
	case []any:
		for _, e := range v {
			leaves(e, inText, f)
		}
	case json.Number:
		f(string(v))
	case string:
		f(v)
		if inner, err := decodeJSON([]byte(v)); err == nil && inText && inner != any(v) {
			leaves(inner, inText, f)
		}
	}
}
