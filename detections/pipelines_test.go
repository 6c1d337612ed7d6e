package detections

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/simulate"
)

// TestPipelines: with the names of a pipeline, the rules for ecs find the same in the events of
// another schema.
func TestPipelines(t *testing.T) {
	t.Parallel()
	for schema, not := range map[string][]string{
		// An event of the schema Authentication has no ActorUserId when who logs in is the actor. In
		// the log of an organization, administration begins with no login of its own.
		"asim": {"Access Token Made by an Administrator"},
		"cim":  nil,
	} {
		fields := pipeline(t, "pipelines/"+schema+".yml")
		rules := rulesIn(t, "ecs")
		for _, r := range rules {
			for _, field := range fieldsOf(r) {
				if fields[field] == nil {
					t.Errorf("%s: %s asks for %s, which has no name there", schema, r.file, field)
				}
			}
		}
		var attacks [][]string
		for i, alerts := range ecsAlerts(t) {
			if ecs()[i].attack != week {
				attacks = append(attacks, alerts)
			}
		}
		for i, p := range plays(schema, false) {
			want := slices.DeleteFunc(slices.Clone(attacks[i]), func(title string) bool { return p.product != simulate.Organization && slices.Contains(not, title) })
			got := run(t, rules, p.events, fields).alerts(rules)
			if len(want)+len(got) > 0 && !slices.Equal(want, got) {
				t.Errorf("%s: %s of %s, %s: %s", schema, p.attack, p.product, p.deployment, cmp.Diff(want, got))
			}
		}
	}
}

// pipeline returns the names of a pipeline's fields. Those that the app for Splunk makes are the
// first of several that an event has.
func pipeline(t *testing.T, file string) map[string][]string {
	t.Helper()
	var p struct {
		Transformations []struct{ Mapping map[string]string }
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	app, err := os.ReadFile("../examples/splunk/atlassian_audit/default/props.conf")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string][]string{}
	for field, name := range p.Transformations[0].Mapping {
		fields[field] = []string{name}
		if m := regexp.MustCompile(`EVAL-` + name + ` = coalesce\((.*)\)`).FindSubmatch(app); m != nil {
			fields[field] = strings.Split(strings.ReplaceAll(string(m[1]), "'", ""), ", ")
		}
	}
	return fields
}

// fieldsOf returns the fields that a rule asks for.
func fieldsOf(r *rule) (fields []string) {
	for _, search := range r.Detection.Searches {
		for _, m := range search.EventMatchers {
			for _, f := range m {
				fields = append(fields, f.Field)
			}
		}
	}
	if c := r.Correlation; c != nil {
		fields = append(fields, c.GroupBy...)
		if c.Condition.Field != "" {
			fields = append(fields, c.Condition.Field)
		}
	}
	return fields
}
