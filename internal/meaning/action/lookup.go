package action

import (
	"iter"
	"strings"
)

const keyPrefix = "audit.logging.summary."

// fullKey completes a key of the table. Those of other plug-ins than Confluence itself stand there
// in full.
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

// Lookup finds the action of a record by its i18n key, which no language changes, and by its text
// where it has no key (on Cloud) or one that the table does not have. It never returns nil: of what
// is not in the table it reads the verb if it can.
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

// find looks up in lower case without allocating. Only ASCII is folded, as the table has nothing
// else.
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
