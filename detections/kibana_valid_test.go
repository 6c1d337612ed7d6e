package detections

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSavedObjects: the saved objects are up to date, refer to each other, and ask only for fields
// of the index template beside them, of types that can be asked so.
func TestSavedObjects(t *testing.T) {
	t.Parallel()
	for _, to := range servers {
		file := "../examples/" + to.folder + "/dashboard.ndjson"
		upToDate(t, file, savedObjects(t, to))
		types := templateTypes(t, "../examples/"+to.folder+"/index-template.json")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		type reference struct{ Name, Type, ID string }
		known := map[string]bool{} // type and id of the objects so far
		for line := range strings.Lines(string(content)) {
			var object struct {
				Type, ID   string
				Attributes dict
				References []reference
			}
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatalf("%s: %v: %s", file, err, line)
			}
			where := fmt.Sprintf("%s: %s %s", file, object.Type, object.ID)
			if known[object.Type+" "+object.ID] {
				t.Errorf("%s: is there twice", where)
			}
			known[object.Type+" "+object.ID] = true
			var named []string
			for _, r := range object.References {
				panel, name, ofPanel := strings.Cut(r.Name, ":")
				if !ofPanel {
					name = r.Name
				} else if name != "panel_"+panel {
					t.Errorf("%s: has the reference %s", where, r.Name)
				}
				named = append(named, name)
				if !known[r.Type+" "+r.ID] {
					t.Errorf("%s: refers to %s %s, which does not come before it", where, r.Type, r.ID)
				}
			}
			var wanted []string
			each(t, object.Attributes, func(name string, value any) {
				switch name {
				case "indexRefName", "panelRefName":
					wanted = append(wanted, value.(string))
				case "timeFieldName", "field":
					if kind := types[value.(string)]; !slices.Contains([]string{"keyword", "long", "ip", "date"}, kind) {
						t.Errorf("%s: %v has the type %q, which has no values to count", where, value, kind)
					}
				case "columns":
					for _, column := range value.([]any) {
						if types[column.(string)] == "" {
							t.Errorf("%s: no field %s", where, column)
						}
					}
				case "query":
					if query, ok := value.(string); ok {
						checkQuery(t, where, query, types)
					}
				}
			})
			slices.Sort(wanted)
			slices.Sort(named)
			if !slices.Equal(wanted, named) {
				t.Errorf("%s: has the references %q and uses %q", where, named, wanted)
			}
		}
		if len(known) != len(panels)+2 {
			t.Errorf("%s has %d objects for %d panels, a dashboard and an index pattern", file, len(known), len(panels))
		}
	}
}

// each calls f with every member of an object, also of those written as text.
func each(t *testing.T, value any, f func(name string, value any)) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			each(t, element, f)
		}
	case dict:
		for name, inner := range v {
			f(name, inner)
			if s, ok := inner.(string); ok && (strings.HasSuffix(name, "JSON") || name == "visState") {
				if err := json.Unmarshal([]byte(s), &inner); err != nil {
					t.Errorf("%s: %v: %s", name, err, s)
				}
			}
			each(t, inner, f)
		}
	}
}

// term matches a condition of a query. Only a keyword can match a regular expression, which has to
// mean the same to Lucene and to Go: of the signs only these do.
var term = regexp.MustCompile(`^([a-z._]+):(?:"([^"\\]*)"|/([a-z.*|()\[\]]+)/)$`)

func checkQuery(t *testing.T, where, query string, types map[string]string) {
	t.Helper()
	if query == "" {
		return
	}
	for condition := range strings.SplitSeq(query, " AND ") {
		m := term.FindStringSubmatch(condition)
		if m == nil {
			t.Errorf("%s: cannot tell what %s means", where, condition)
		} else if kind := types[m[1]]; kind == "" || m[3] != "" && kind != "keyword" {
			t.Errorf("%s: %s has the type %q", where, m[1], kind)
		}
	}
}

// templateTypes returns the types of the fields in an index template.
func templateTypes(t *testing.T, file string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	type mapping struct {
		Type       string
		Properties map[string]json.RawMessage
	}
	var template struct {
		Template struct{ Mappings json.RawMessage }
	}
	if err := json.Unmarshal(content, &template); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	types := map[string]string{}
	var walk func(prefix string, raw json.RawMessage)
	walk = func(prefix string, raw json.RawMessage) {
		var m mapping
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if m.Type != "" {
			types[strings.TrimPrefix(prefix, ".")] = m.Type
		}
		for name, inner := range m.Properties {
			walk(prefix+"."+name, inner)
		}
	}
	walk("", template.Template.Mappings)
	return types
}
