package detections

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/meaning/action"
)

// A record of the schema raw has no action. The tables tell by which text or key an action is
// recognised, so most rules for raw are made from those for ecs. Two kinds are not: those of actions
// that depend on who got a permission, which are written by hand, and those that count by user,
// whose name stands elsewhere in each log.

const madeFrom = "# Made from ../ecs/%s and the tables of actions: go test ./detections -update\n"

// rawFields are the names in raw of what correlations group by.
var rawFields = map[string]string{"service.address": "atlassian.site", "service.type": "atlassian.product"}

// TestRawRules: what is made from the rules for ecs is up to date.
func TestRawRules(t *testing.T) {
	t.Parallel()
	files := map[string][]*rule{}
	for _, r := range rulesIn(t, "ecs") {
		files[r.file] = append(files[r.file], r)
	}
	want := map[string]bool{}
	for file, rules := range files {
		if !slices.ContainsFunc(rules, func(r *rule) bool { return !rawCanTell(r) }) {
			want[filepath.Base(file)] = true
		}
	}
	for name := range want {
		text := []byte(fmt.Sprintf(madeFrom, name))
		for i, r := range files[filepath.Join("ecs", name)] {
			if i > 0 {
				text = append(text, "---\n"...)
			}
			text = append(text, rawRule(t, r)...)
		}
		file := filepath.Join("raw", name)
		if *update {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, _ := os.ReadFile(file)
		if diff := cmp.Diff(string(text), string(have)); diff != "" {
			t.Errorf("%s is out of date, run go test ./detections -update (-want +have):\n%s", file, diff)
		}
	}
	made, _ := filepath.Glob("raw/*.yml")
	for _, file := range made {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(text, []byte("# Made from")) != want[filepath.Base(file)] {
			t.Errorf("%s: made from a rule for ecs, or by hand?", file)
		}
	}
}

// rawCanTell returns whether texts and keys tell all actions of a rule, and all fields that it
// groups by have one name.
func rawCanTell(r *rule) bool {
	if c := r.Correlation; c != nil {
		return !slices.ContainsFunc(c.GroupBy, func(field string) bool { return rawFields[field] == "" })
	}
	for _, code := range valuesOf(r, "event.code") {
		if code == action.Confluence.Deactivated.Name || code == action.Confluence.Reactivated.Name {
			return false // it may also be an update
		}
		if code == action.Organization.Policy.Name {
			return false // it may also be a setting
		}
		if texts, keys := wordsOf(code); len(texts)+len(keys) == 0 && len(idsOf(code)) == 0 {
			return false
		}
	}
	return true
}

// wordsOf returns the texts and i18n keys of an action in both products.
func wordsOf(code string) (texts, keys []string) {
	for _, table := range []*action.Table{action.Confluence, action.Jira} {
		for a := range table.All() {
			if a.Name == code {
				texts, keys = append(texts, a.Texts()...), append(keys, table.KeysOf(a)...)
			}
		}
	}
	slices.Sort(texts)
	slices.Sort(keys)
	return slices.Compact(texts), slices.Compact(keys)
}

// idsOf returns the ids of an action in the log of an organization, by how they are compared.
func idsOf(code string) map[string][]string {
	ids := map[string][]string{}
	for a := range action.Organization.All() {
		if a.Name != code {
			continue
		}
		begins, ends := action.Organization.FamiliesOf(a)
		for compare, values := range map[string][]string{"": action.Organization.KeysOf(a), "|startswith": begins, "|endswith": ends} {
			if len(values) > 0 {
				ids[compare] = values
			}
		}
	}
	return ids
}

// rawRule returns a document of a rule for raw: the one for ecs with another id, taxonomy, log
// source and detection.
func rawRule(t *testing.T, r *rule) []byte {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal(r.source, &document); err != nil {
		t.Fatal(err)
	}
	root := document.Content[0]
	for i := 0; i < len(root.Content); i += 2 {
		value := root.Content[i+1]
		switch root.Content[i].Value {
		case "id":
			value.Value = derivedID(r.ID)
		case "taxonomy":
			value.Value = "raw"
		case "logsource":
			definition := value.Content[len(value.Content)-1]
			definition.Value = strings.Replace(definition.Value, "schema ecs", "schema raw", 1)
		case "correlation":
			for _, part := range value.Content {
				for _, field := range part.Content {
					if name := rawFields[field.Value]; name != "" {
						field.Value = name
					}
				}
			}
		case "detection":
			if err := value.Encode(rawDetection(t, valuesOf(r, "event.code"))); err != nil {
				t.Fatal(err)
			}
		}
	}
	var related yaml.Node
	if err := related.Encode(map[string]any{"related": []map[string]string{{"id": r.ID, "type": "derived"}}}); err != nil {
		t.Fatal(err)
	}
	root.Content = slices.Insert(root.Content, 4, related.Content...)
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(4)
	if err := encoder.Encode(&document); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// rawDetection returns the texts of Cloud, the keys of Data Center and the ids of the organization
// for actions.
func rawDetection(t *testing.T, codes []string) any {
	t.Helper()
	var cloud, center []string
	ids := map[string][]string{}
	for _, code := range codes {
		texts, keys := wordsOf(code)
		cloud, center = append(cloud, texts...), append(center, keys...)
		for compare, values := range idsOf(code) {
			ids[compare] = append(ids[compare], values...)
		}
	}
	for _, table := range []*action.Table{action.Confluence, action.Jira} {
		for _, text := range cloud {
			if a := table.Lookup(nil, []byte(text)); a.Known() && !slices.Contains(codes, a.Name) {
				t.Errorf("%q is also the text of %s, which is not in the rule", text, a.Name)
			}
		}
	}
	var detection yaml.Node
	var names []string
	detection.Kind = yaml.MappingNode
	add := func(name string, value any) {
		var key, node yaml.Node
		if err := errors.Join(key.Encode(name), node.Encode(value)); err != nil {
			t.Fatal(err)
		}
		detection.Content = append(detection.Content, &key, &node)
	}
	for _, part := range []struct {
		name, field string
		values      []string
	}{
		{"cloud", "summary", cloud}, {"datacenter", "type.actionI18nKey", center}, {"organization", "attributes.action", ids[""]},
		{"organization_begins", "attributes.action|startswith", ids["|startswith"]}, {"organization_ends", "attributes.action|endswith", ids["|endswith"]},
	} {
		if len(part.values) > 0 {
			names = append(names, part.name)
			add(part.name, map[string][]string{part.field: part.values})
		}
	}
	if len(names) == 1 {
		detection.Content[0].Value, names[0] = "selection", "selection"
	}
	add("condition", strings.Join(names, " or "))
	return &detection
}

// derivedID returns the UUID of version 5 in the name space of an id.
func derivedID(id string) string {
	space, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil {
		panic(err)
	}
	sum := sha1.Sum(append(space, "raw"...))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// TestRawFindsTheSame: a rule for raw fires on the attacks on which the rule for ecs fires, and on
// no others.
func TestRawFindsTheSame(t *testing.T) {
	t.Parallel()
	rules, used := rulesIn(t, "raw"), map[string]bool{}
	inECS := ecsAlerts(t)
	for i, p := range raw() {
		got := run(t, rules, p.events, nil).alerts(rules)
		var want []string
		for _, title := range inECS[i] {
			if slices.ContainsFunc(rules, func(r *rule) bool { return r.Title == title }) {
				want = append(want, title)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s of %s, %s (-ecs +raw):\n%s", p.attack, p.product, p.deployment, diff)
		}
		for _, title := range got {
			used[title] = true
		}
	}
	for _, r := range rules {
		if r.alerts() && !used[r.Title] {
			t.Errorf("%s: no attack makes it fire", r.file)
		}
	}
}
