package schema

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const splunkApp = "../../examples/splunk/atlassian_audit/default/"

// stanzas returns the settings of a file of the app, by stanza and name.
func stanzas(t *testing.T, file string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(splunkApp + file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	var settings map[string]string
	for l := range strings.Lines(string(text)) {
		l = strings.TrimSpace(l)
		if name, ok := strings.CutPrefix(l, "["); ok {
			settings = map[string]string{}
			all[strings.TrimSuffix(name, "]")] = settings
		} else if name, value, ok := strings.Cut(l, " = "); ok && !strings.HasPrefix(l, "#") {
			settings[name] = value
		}
	}
	return all
}

// TestSplunkApp: each field and value that the app names is in an event, each event has the tag of
// its data model, and each event type has a tag.
func TestSplunkApp(t *testing.T) {
	t.Parallel()
	values := map[string]map[string]bool{} // of the fields of all events
	var models []string
	for _, raw := range slices.Concat(actionSamples(t), jiraSamples(t), organizationSamples(t)) {
		event := line(t, "cim", false, timeOf(raw), raw)
		see(values, "", event)
		models = append(models, fmt.Sprint(event[len(event)-1].Name, ".", lookup(event, event[len(event)-1].Name, "data_model")))
	}
	eventTypes, tags := stanzas(t, "eventtypes.conf"), stanzas(t, "tags.conf")
	term := regexp.MustCompile(`([a-z_.]+)=("[^"]*"|[^ ()]+)`)
	typeOf := map[string]string{}
	for name, settings := range eventTypes {
		if len(tags["eventtype="+name]) == 0 {
			t.Errorf("event type %s has no tag", name)
		}
		for _, m := range term.FindAllStringSubmatch(settings["search"], -1) {
			field, value := m[1], strings.Trim(m[2], `"`)
			switch {
			case field == "eventtype":
				if eventTypes[value] == nil {
					t.Errorf("event type %s asks for %s, which is none", name, value)
				}
			case strings.HasSuffix(value, "*"):
				if !slices.ContainsFunc(keysOf(values[field]), func(v string) bool { return strings.HasPrefix(v, strings.TrimSuffix(value, "*")) }) {
					t.Errorf("event type %s: no event has %s", name, m[0])
				}
			case !values[field][value]:
				t.Errorf("event type %s: no event has %s", name, m[0])
			}
			if strings.HasSuffix(field, ".data_model") {
				typeOf[strings.TrimSuffix(field, "data_model")+value] = name
			}
		}
	}
	for _, model := range models {
		want := strings.ToLower(model[strings.LastIndexByte(model, '.')+1:])
		if tags["eventtype="+typeOf[model]][want] != "enabled" {
			t.Errorf("events of %s have no tag %s", model, want)
		}
	}
	fields := regexp.MustCompile(`[a-z_.]+`)
	for sourcetype, settings := range stanzas(t, "props.conf") {
		for name, value := range settings {
			list, ok := strings.CutPrefix(value, "coalesce(")
			for _, field := range fields.FindAllString(list, -1) {
				if ok && values[field] == nil {
					t.Errorf("%s: %s asks for %s, which no event has", sourcetype, name, field)
				}
			}
		}
	}
}

// see adds the values of an event by the names of their fields, with dots.
func see(values map[string]map[string]bool, path string, o object) {
	for _, m := range o {
		if inner, ok := m.Value.(object); ok {
			see(values, path+m.Name+".", inner)
			continue
		}
		if values[path+m.Name] == nil {
			values[path+m.Name] = map[string]bool{}
		}
		values[path+m.Name][fmt.Sprint(m.Value)] = true
	}
}

func keysOf(m map[string]bool) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}
