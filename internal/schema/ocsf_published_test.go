package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var published = flag.String("ocsf", "", "folder with a published OCSF schema, of one of our versions, to hold ours against")

// TestPublishedOCSF compares what the tests know of OCSF with the schema published in
// github.com/ocsf/ocsf-schema, if there is a copy:
//
//	git clone --branch 1.8.0 https://github.com/ocsf/ocsf-schema
//	go test ./internal/schema -run TestPublishedOCSF -ocsf $PWD/ocsf-schema
//
// With -update it writes testdata/ocsf/1.8.0.json again.
func TestPublishedOCSF(t *testing.T) {
	if *published == "" {
		t.Skip("no -ocsf")
	}
	want := readPublished(t, *published)
	if *update && want.Version == "1.8.0" {
		writeOCSFSchema(t, want)
	}
	have, err := ocsfSchemaOf(want.Version)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("testdata/ocsf differs from %s (-published +ours):\n%s", *published, diff)
	}
}

// The classes, objects and profiles that the events use. Of other objects only the names of
// attributes are known.
var (
	ocsfClassesUsed = []string{"base_event", "account_change", "authentication", "entity_management", "user_access", "group_management", "web_resources_activity"}
	ocsfObjectsUsed = []string{"actor", "group", "managed_entity", "metadata", "network_endpoint", "object", "observable", "product", "resource_details", "service", "user", "web_resource"}
)

const ocsfProfileUsed = "host"

// publishedItem is a file of the published schema: a class, an object or a profile.
type publishedItem struct {
	Name, Caption, Extends, Category string
	UID                              int
	Observable                       int
	Observables                      map[string]int
	Constraints                      map[string][]string
	Attributes                       map[string]json.RawMessage
	Deprecated                       *deprecation `json:"@deprecated"`
}

type publishedAttribute struct {
	Type        string
	ObjectType  string `json:"object_type"`
	Array       bool   `json:"is_array"`
	Requirement string
	Profile     *string
	Sibling     string
	Caption     string
	Observable  int
	Enum        map[string]struct{ Caption string }
	Deprecated  *deprecation `json:"@deprecated"`
}

type deprecation struct{ Since string }

type publishedSchema struct {
	t          *testing.T
	dir        string
	dictionary struct {
		Attributes map[string]json.RawMessage
		Types      struct {
			Attributes map[string]struct {
				ocsfType
				Caption string
			}
		}
	}
	classes, objects map[string]publishedItem
}

func (p *publishedSchema) read(path string, v any) {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, path))
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
}

// readPublished makes the compact form of a published schema.
func readPublished(t *testing.T, dir string) *ocsfSchema {
	p := &publishedSchema{t: t, dir: dir}
	s := &ocsfSchema{Types: map[string]ocsfType{}, Classes: map[string]ocsfItem{}, Objects: map[string]ocsfItem{}}
	p.read("version.json", s)
	p.read("dictionary.json", &p.dictionary)
	p.classes, p.objects = p.items("events"), p.items("objects")
	var categories struct {
		Attributes map[string]struct {
			UID     int
			Caption string
		}
	}
	p.read("categories.json", &categories)
	for _, name := range ocsfClassesUsed {
		item := p.resolve(p.classes, name)
		category := categories.Attributes[p.category(name)]
		uid := strconv.Itoa(category.UID*1000 + p.classes[name].UID)
		if category.UID != 0 { // which the base event says itself
			item.only("category_uid", map[string]string{strconv.Itoa(category.UID): category.Caption})
		}
		item.only("class_uid", map[string]string{uid: item.Caption})
		types := map[string]string{}
		for activity, caption := range item.Attributes["activity_id"].Enum {
			id, _ := strconv.Atoi(activity)
			types[typeUID(uid, id)] = item.Caption + ": " + caption
		}
		item.only("type_uid", types)
		s.Classes[uid] = item
	}
	for _, name := range ocsfObjectsUsed {
		s.Objects[name] = p.resolve(p.objects, name)
	}
	maps.Copy(s.Objects["observable"].Attributes["type_id"].Enum, p.observables())
	for _, items := range []map[string]ocsfItem{s.Classes, s.Objects} {
		for _, item := range items {
			for _, a := range item.Attributes {
				for name := a.Type; name != ""; name = s.Types[name].Base {
					if of, ok := p.dictionary.Types.Attributes[name]; ok {
						s.Types[name] = of.ocsfType
					}
				}
			}
		}
	}
	return s
}

// typeUID returns 100 times the class plus the activity.
func typeUID(class string, activity int) string {
	uid, _ := strconv.Atoi(class)
	return strconv.Itoa(uid*100 + activity)
}

// only sets the values of an attribute that tells the class.
func (i *ocsfItem) only(attribute string, values map[string]string) {
	a := i.Attributes[attribute]
	a.Enum = values
	i.Attributes[attribute] = a
}

func (p *publishedSchema) items(folder string) map[string]publishedItem {
	items := map[string]publishedItem{}
	err := filepath.WalkDir(filepath.Join(p.dir, folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var item publishedItem
			path, _ = filepath.Rel(p.dir, path)
			p.read(path, &item)
			items[item.Name] = item
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return items
}

// category returns the category of a class or of the class that it extends. The base event has the
// category "other", which is the uid 0.
func (p *publishedSchema) category(class string) string {
	for ; p.classes[class].Category == ""; class = p.classes[class].Extends {
	}
	return p.classes[class].Category
}

// resolve merges an item with all that it extends and includes.
func (p *publishedSchema) resolve(items map[string]publishedItem, name string) ocsfItem {
	def := items[name]
	item := ocsfItem{Caption: def.Caption}
	if def.Deprecated != nil {
		item.Deprecated = def.Deprecated.Since
	}
	raw, constraints := p.attributes(items, name)
	item.AtLeastOne, item.JustOne = constraints["at_least_one"], constraints["just_one"]
	item.Attributes = map[string]ocsfAttribute{}
	for name, definitions := range raw {
		var a publishedAttribute
		for _, definition := range append([]json.RawMessage{p.dictionary.Attributes[name]}, definitions...) {
			if err := json.Unmarshal(definition, &a); err != nil {
				p.t.Fatalf("%s: %v", name, err)
			}
		}
		if a.Profile != nil && *a.Profile != ocsfProfileUsed {
			continue
		}
		out := ocsfAttribute{Type: a.Type, Array: a.Array, Required: a.Requirement == "required", Sibling: a.Sibling, Observable: a.Observable}
		if a.ObjectType != "" {
			out.Type = a.ObjectType
		}
		if a.Profile != nil {
			out.Profile = *a.Profile
		}
		if a.Deprecated != nil {
			out.Deprecated = a.Deprecated.Since
		}
		for value, e := range a.Enum {
			if out.Enum == nil {
				out.Enum = map[string]string{}
			}
			out.Enum[value] = e.Caption
		}
		item.Attributes[name] = out
	}
	return item
}

// attributes collects the definitions of each attribute, the most general first, and the
// constraints.
func (p *publishedSchema) attributes(items map[string]publishedItem, name string) (map[string][]json.RawMessage, map[string][]string) {
	def := items[name]
	all, constraints := map[string][]json.RawMessage{}, map[string][]string{}
	if def.Extends != "" {
		all, constraints = p.attributes(items, def.Extends)
	}
	if def.Constraints != nil {
		constraints = def.Constraints
	}
	var includes []string
	if raw, ok := def.Attributes["$include"]; ok && json.Unmarshal(raw, &includes) != nil {
		p.t.Fatalf("%s includes %s", name, raw)
	}
	for _, path := range includes {
		var profile publishedItem
		p.read(path, &profile)
		for name, definition := range profile.Attributes {
			all[name] = append(all[name], definition, json.RawMessage(fmt.Sprintf(`{"profile":%q}`, profile.Name)))
		}
	}
	for name, definition := range def.Attributes {
		if name != "$include" {
			all[name] = append(all[name], definition)
		}
	}
	return all, constraints
}

// observables returns the values of observable.type_id, which are defined all over the schema.
func (p *publishedSchema) observables() map[string]string {
	all := map[string]string{}
	add := func(id int, caption string) {
		if id != 0 {
			all[strconv.Itoa(id)] = caption
		}
	}
	caption := func(raw json.RawMessage) (int, string) {
		var a publishedAttribute
		_ = json.Unmarshal(raw, &a)
		return a.Observable, a.Caption
	}
	for _, of := range p.dictionary.Types.Attributes {
		add(of.Observable, of.Caption)
	}
	for _, raw := range p.dictionary.Attributes {
		add(caption(raw))
	}
	for _, object := range p.objects {
		add(object.Observable, object.Caption)
		for name, raw := range object.Attributes {
			id, _ := caption(raw)
			add(id, object.Caption+" Object: "+name)
		}
	}
	return all
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// writeOCSFSchema writes a schema with one attribute a line.
func writeOCSFSchema(t *testing.T, s *ocsfSchema) {
	t.Helper()
	var b strings.Builder
	compact := func(v any) string {
		var line bytes.Buffer
		e := json.NewEncoder(&line)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(line.String())
	}
	fmt.Fprintf(&b, "{\"version\": %q,\n \"types\": {", s.Version)
	for i, name := range slices.Sorted(maps.Keys(s.Types)) {
		fmt.Fprintf(&b, "%s\n  %q: %s", comma(i), name, compact(s.Types[name]))
	}
	for _, part := range []struct {
		name  string
		items map[string]ocsfItem
	}{{"classes", s.Classes}, {"objects", s.Objects}} {
		fmt.Fprintf(&b, "},\n %q: {", part.name)
		for i, name := range slices.Sorted(maps.Keys(part.items)) {
			item := part.items[name]
			attributes := item.Attributes
			item.Attributes = nil
			head := strings.TrimSuffix(compact(item), "}")
			fmt.Fprintf(&b, "%s\n  %q: %s, \"attributes\": {", comma(i), name, head)
			for i, name := range slices.Sorted(maps.Keys(attributes)) {
				fmt.Fprintf(&b, "%s\n    %q: %s", comma(i), name, compact(attributes[name]))
			}
			b.WriteString("}}")
		}
	}
	b.WriteString("}}\n")
	if err := os.WriteFile(filepath.Join("testdata", "ocsf", s.Version+".json"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
