package action

import (
	"iter"
	"strings"
)

const keyPrefix = "audit.logging.summary."

// fullKey adds the prefix to a key of the table. The keys of apps are there in full.
func fullKey(key string) string {
	if strings.HasPrefix(key, "atlassian.") || strings.HasPrefix(key, "personal.access.tokens.") {
		return key
	}
	return keyPrefix + key
}

var (
	byKey  = index(func(a *Action) []string { return a.Keys() })
	byText = index(func(a *Action) []string { return a.texts })
)

func index(names func(*Action) []string) map[string]*Action {
	all := map[string]*Action{}
	for a := range All() {
		for _, name := range names(a) {
			all[strings.ToLower(name)] = a
		}
	}
	return all
}

// All yields the rows of the table.
func All() iter.Seq[*Action] {
	return func(yield func(*Action) bool) {
		for _, rows := range [][]Action{people, permissions, contents, administration, collector} {
			for i := range rows {
				if !yield(&rows[i]) {
					return
				}
			}
		}
	}
}

// Lookup returns the action of a record: by its i18n key, which is the same in every language, or
// by its text if it has no key (on Cloud) or an unknown one. It never returns nil: if the table has
// no row, it infers the verb if it can.
func Lookup(key, text []byte) *Action {
	if a := find(byKey, key); a != nil {
		return a
	}
	if a := find(byText, text); a != nil {
		return a
	}
	for _, words := range [2][]byte{key, text} {
		if a := infer(words[max(0, len(words)-128):]); a != nil {
			return a
		}
	}
	return NotInTable
}

// find looks up a name in lower case, without allocation. It folds only ASCII, because the table
// has nothing else.
func find(in map[string]*Action, name []byte) *Action {
	var lower [128]byte
	if len(name) > len(lower) {
		return nil
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return in[string(lower[:len(name)])]
}
