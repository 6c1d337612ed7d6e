package config

import (
	"fmt"
	"strings"
)

// Unknown returns one line for each name that is not in the table, with the key that was probably
// meant.
func Unknown(names []string) []string {
	known := make([]string, len(keys))
	for i, key := range keys {
		known[i] = key.Name
	}
	var lines []string
	for _, name := range names {
		if _, ok := lookup(strings.ToLower(name)); ok {
			continue
		}
		if near, ok := Nearest(name, known); ok {
			lines = append(lines, fmt.Sprintf("%s is no key of this plugin: did you mean %s?", name, near))
		} else {
			lines = append(lines, fmt.Sprintf("%s is no key of this plugin: leave it out", name))
		}
	}
	return lines
}

// Nearest returns the name that was probably meant: the key for which other programs have this
// name, or the one that is the fewest keystrokes away, at most a third of its length. Upper and
// lower case count as equal, and so do dash and underscore.
func Nearest(name string, among []string) (string, bool) {
	name = underscored(name)
	best, distance := "", len(name)
	for _, known := range among {
		if usual[name] != "" && usual[name] == underscored(known) {
			return known, true
		}
		if d := keystrokes(name, underscored(known)); d < distance {
			best, distance = known, d
		}
	}
	return best, best != "" && distance <= max(1, len(best)/3)
}

func underscored(name string) string { return strings.ReplaceAll(strings.ToLower(name), "-", "_") }

// keystrokes counts the insertions, deletions, replacements and exchanges of neighbours that turn a
// into b, in bytes.
func keystrokes(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			replaced := row[j]
			if a[i] != b[j] {
				replaced++
			}
			next[j+1] = min(replaced, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
