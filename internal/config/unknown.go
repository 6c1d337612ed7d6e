package config

import (
	"fmt"
	"strings"
)

// Unknown returns one line for each of the keys that is not in the table, with the key that was probably meant.
func Unknown(names []string) []string {
	var lines []string
	for _, name := range names {
		lower := strings.ToLower(name)
		if _, ok := lookup(lower); ok {
			continue
		}
		near, ok := usual[lower]
		if !ok {
			near, ok = nearest(lower)
		}
		if ok {
			lines = append(lines, fmt.Sprintf("%s is no key of this plugin: did you mean %s?", name, near))
		} else {
			lines = append(lines, fmt.Sprintf("%s is no key of this plugin: leave it out", name))
		}
	}
	return lines
}

// nearest finds the key that takes the fewest keystrokes to reach, at most a third of its length.
func nearest(name string) (string, bool) {
	name = strings.ReplaceAll(name, "-", "_")
	best, distance := "", len(name)
	for _, key := range keys {
		if d := keystrokes(name, key.Name); d < distance {
			best, distance = key.Name, d
		}
	}
	return best, distance <= max(1, len(best)/3)
}

// keystrokes is the Levenshtein distance: insertions, deletions and replacements of single bytes.
func keystrokes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
