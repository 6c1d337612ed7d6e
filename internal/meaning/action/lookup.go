package action

import (
	"iter"
	"strings"
)

// Table is the actions of one product, with what its permissions and groups are called.
type Table struct {
	rows   [][]Action
	prefix string // of nearly all i18n keys
	byKey  map[string]*Action
	byText map[string]*Action

	// Deactivated and Reactivated are the actions of an update of a user that does just that.
	Deactivated, Reactivated *Action
	// Granted and Revoked are the actions of an update of a permission scheme that does just that,
	// nil in the table of a product without such schemes.
	Granted, Revoked *Action

	// Policy is the action of a change of a setting that is a policy, nil in the table of a product
	// without such settings.
	Policy *Action

	// GranteeOf returns who is in a group, or who else has a permission, as far as the name tells.
	GranteeOf func(name []byte) Grantee
	// IsPermission reports whether a text is the name of a permission, which is the same in every
	// language.
	IsPermission func(text []byte) bool
	// PowerOf returns what a permission allows.
	PowerOf func(permission []byte) Power

	families   []family // of keys
	ofFamilies []*Action
}

func newTable(t Table) *Table {
	t.byKey, t.byText = map[string]*Action{}, map[string]*Action{}
	for a := range t.All() {
		for _, key := range t.KeysOf(a) {
			t.byKey[strings.ToLower(key)] = a
		}
		for _, text := range a.texts {
			t.byText[strings.ToLower(text)] = a
		}
	}
	for _, f := range t.families {
		t.ofFamilies = append(t.ofFamilies, t.first(f.name))
	}
	t.Deactivated, t.Reactivated = t.first("user.deactivated"), t.first("user.reactivated")
	t.Granted, t.Revoked = t.named("permission.scheme.added"), t.named("permission.scheme.removed")
	t.Policy = t.named("policy.updated")
	return &t
}

// All yields the rows of the table.
func (t *Table) All() iter.Seq[*Action] {
	return func(yield func(*Action) bool) {
		for _, rows := range t.rows {
			for i := range rows {
				if !yield(&rows[i]) {
					return
				}
			}
		}
	}
}

// KeysOf returns the i18n keys of a row, in full. The keys of apps are in the table in full, and so
// is an English text that an app has in the place of a key.
func (t *Table) KeysOf(a *Action) []string {
	keys := make([]string, len(a.keys))
	for i, key := range a.keys {
		keys[i] = t.prefix + key
		for _, app := range []string{"atlassian.", "personal.access.tokens.", "issuenav.", "stp."} {
			if strings.HasPrefix(key, app) || strings.Contains(key, " ") {
				keys[i] = key
			}
		}
	}
	return keys
}

// FamiliesOf returns how further keys of a row begin, and how others end.
func (t *Table) FamiliesOf(a *Action) (begins, ends []string) {
	for i, f := range t.families {
		switch {
		case t.ofFamilies[i] != a:
		case f.begin != "":
			begins = append(begins, f.begin)
		default:
			ends = append(ends, f.end)
		}
	}
	return begins, ends
}

// ShortKey returns a key without the usual prefix.
func (t *Table) ShortKey(key string) string { return strings.TrimPrefix(key, t.prefix) }

// first returns the first row that has one of the names. It runs when the program starts, never for
// a record, and only with names that this package has in its tables. A name that is missing there
// is a mistake of the programmer, which every test of this package shows: hence the panic.
func (t *Table) first(names ...string) *Action {
	for _, name := range names {
		if a := t.named(name); a != nil {
			return a
		}
	}
	panic("action: no row of the table is named " + strings.Join(names, " or "))
}

// named returns the row of a name, nil when there is none.
func (t *Table) named(name string) *Action {
	for a := range t.All() {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Lookup returns the action of a record: by its i18n key, which is the same in every language, or
// by its text if it has no key (on Cloud) or an unknown one. It never returns nil: if the table has
// no row, it infers the verb if it can.
func (t *Table) Lookup(key, text []byte) *Action {
	if a := find(t.byKey, key); a != nil {
		return a
	}
	if a := t.ofFamily(key); a != nil {
		return a
	}
	if a := find(t.byText, text); a != nil {
		return a
	}
	for _, words := range [2][]byte{key, text} {
		if a := infer(words[max(0, len(words)-128):]); a != nil {
			return a
		}
	}
	return NotInTable
}

// find looks up a name in lower case, without allocation. It folds only ASCII, because the tables
// have nothing else.
func find[V any](in map[string]V, name []byte) V {
	var lower [128]byte
	if len(name) > len(lower) {
		var none V
		return none
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return in[string(lower[:len(name)])]
}
