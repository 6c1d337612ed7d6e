package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// validOCSF checks an event against the version of OCSF that it says it is of.
func validOCSF(event object) error {
	version, _ := lookup(event, "metadata", "version").(string)
	schema, err := ocsfSchemaOf(version)
	if err != nil {
		return err
	}
	uid, _ := number(event.get("class_uid"))
	class, ok := schema.Classes[strconv.FormatInt(uid, 10)]
	if !ok {
		return fmt.Errorf("class %d", uid)
	}
	activity, _ := number(event.get("activity_id"))
	if n, _ := number(event.get("type_uid")); n != uid*100+activity {
		return fmt.Errorf("type %d of class %d, activity %d", n, uid, activity)
	}
	v := ocsfValidation{schema: schema}
	profiles, _ := lookup(event, "metadata", "profiles").([]any)
	for _, p := range profiles {
		v.profiles = append(v.profiles, fmt.Sprint(p))
	}
	if err := v.item("", class, event); err != nil {
		return err
	}
	return v.observables(class, event)
}

// ocsfValidation is one event under examination.
type ocsfValidation struct {
	schema   *ocsfSchema
	profiles []string // of the event
}

// item checks a class or an object at a path.
func (v *ocsfValidation) item(path string, def ocsfItem, o object) error {
	if def.Deprecated != "" {
		return fmt.Errorf("%s is a %s, deprecated since %s", path, def.Caption, def.Deprecated)
	}
	has := func(name string) bool { return o.get(name) != nil }
	for name, a := range def.Attributes {
		if a.Required && !has(name) {
			return fmt.Errorf("no %s%s", path, name)
		}
	}
	if len(def.AtLeastOne) > 0 && !slices.ContainsFunc(def.AtLeastOne, has) {
		return fmt.Errorf("%s has none of %v", path, def.AtLeastOne)
	}
	if n := slices.DeleteFunc(slices.Clone(def.JustOne), func(name string) bool { return !has(name) }); len(def.JustOne) > 0 && len(n) != 1 {
		return fmt.Errorf("%s has %v and may have just one of %v", path, n, def.JustOne)
	}
	for i, m := range o {
		a, ok := def.Attributes[m.Name]
		at := path + m.Name
		switch {
		case !ok:
			return fmt.Errorf("%s is no attribute", at)
		case slices.ContainsFunc(o[:i], func(earlier member) bool { return earlier.Name == m.Name }):
			return fmt.Errorf("%s is there twice", at)
		case a.Deprecated != "":
			return fmt.Errorf("%s is deprecated since %s", at, a.Deprecated)
		case a.Profile != "" && !slices.Contains(v.profiles, a.Profile):
			return fmt.Errorf("%s wants the profile %s", at, a.Profile)
		}
		if err := v.attribute(at, a, m.Value); err != nil {
			return err
		}
		if err := ocsfEnum(at, a, m.Value, o.get(a.Sibling)); err != nil {
			return err
		}
	}
	return nil
}

// ocsfEnum checks a value out of a list, and the text beside it, which is free for 99, the other
// ones.
func ocsfEnum(path string, a ocsfAttribute, value, sibling any) error {
	if a.Enum == nil {
		return nil
	}
	n, _ := number(value)
	caption, ok := a.Enum[strconv.FormatInt(n, 10)]
	text, _ := sibling.(string)
	if !ok || a.Sibling != "" && text != caption && (n != 99 || text == "") {
		return fmt.Errorf("%s is %d with the text %q, want %q", path, n, text, caption)
	}
	return nil
}

func (v *ocsfValidation) attribute(path string, a ocsfAttribute, value any) error {
	if !a.Array {
		return v.value(path, a.Type, value)
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return fmt.Errorf("%s is %v, want a list", path, value)
	}
	for _, e := range list {
		if err := v.value(path, a.Type, e); err != nil {
			return err
		}
	}
	return nil
}

func (v *ocsfValidation) value(path, of string, value any) error {
	if def, ok := v.schema.Objects[of]; ok {
		o, isObject := value.(object)
		if !isObject {
			return fmt.Errorf("%s is %v, want %s", path, value, of)
		}
		if of == "object" { // which is any
			return nil
		}
		return v.item(path+".", def, o)
	}
	def, ok := v.schema.Types[of]
	if !ok {
		return fmt.Errorf("%s is of the type %s, which the tests do not know: add it to ocsfObjectsUsed", path, of)
	}
	base := of
	if def.Base != "" {
		base = def.Base
	}
	text, isText := value.(string)
	n, isNumber := number(value)
	switch base {
	case "string_t": // the length is a limit of ours
		ok = isText && (text != "" || of == base) && utf8.RuneCountInString(text) <= 65535 &&
			(def.MaxLen == 0 || len(text) <= def.MaxLen) && ocsfPattern(def.Regex).MatchString(text)
	case "integer_t":
		ok = isNumber && int64(int32(n)) == n
	case "long_t":
		ok = isNumber
	case "boolean_t":
		_, ok = value.(bool)
	}
	if !ok {
		return fmt.Errorf("%s is %.100v, want %s", path, value, of)
	}
	return nil
}

var ocsfPatterns sync.Map

func ocsfPattern(text string) *regexp.Regexp {
	if r, ok := ocsfPatterns.Load(text); ok {
		return r.(*regexp.Regexp)
	}
	r := regexp.MustCompile(text)
	ocsfPatterns.Store(text, r)
	return r
}

// observables checks that each repeats the attribute that it names, and is of its type.
func (v *ocsfValidation) observables(class ocsfItem, event object) error {
	list, _ := event.get("observables").([]any)
	for _, e := range list {
		observable, _ := e.(object)
		name, _ := observable.get("name").(string)
		path := strings.Split(name, ".")
		if value := lookup(event, path...); value == nil || value != observable.get("value") {
			return fmt.Errorf("observable %s is %v, the attribute %v", name, observable.get("value"), value)
		}
		item := class
		for _, object := range path[:len(path)-1] {
			item = v.schema.Objects[item.Attributes[object].Type]
		}
		a := item.Attributes[path[len(path)-1]]
		want := a.Observable
		if want == 0 {
			want = v.schema.Types[a.Type].Observable
		}
		if n, _ := number(observable.get("type_id")); n != int64(want) {
			return fmt.Errorf("observable %s is of type %d, want %d", name, n, want)
		}
	}
	return nil
}

func number(v any) (int64, bool) {
	n, ok := v.(json.Number)
	i, err := n.Int64()
	return i, ok && err == nil
}
