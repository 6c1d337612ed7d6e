package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wrap breaks text into lines of at most width columns. It breaks at spaces only, so a longer word
// gets a line of its own. A width of 0 means no breaks. The result has at least one line.
func Wrap(text string, width int) []string {
	if width <= 0 {
		return []string{text}
	}
	var lines []string
	line, columns := "", 0
	for word := range strings.FieldsSeq(text) {
		n := Columns(word)
		switch {
		case line == "":
			line, columns = word, n
		case columns+1+n > width:
			lines = append(lines, line)
			line, columns = word, n
		default:
			line, columns = line+" "+word, columns+1+n
		}
	}
	return append(lines, line)
}

// Columns returns the width of a text on a terminal.
func Columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

// columnsOf returns the width of a character: two columns for those of East Asia, none for
// combining marks.
func columnsOf(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return 2
	}
	return 1
}

// Cut shortens text to width columns, and marks the place where text is missing.
func Cut(text string, width int) string {
	if width <= 0 || Columns(text) <= width {
		return text
	}
	n := 0
	for i, r := range text {
		if n += columnsOf(r); n > width-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// Plain removes the characters that a terminal would obey instead of showing: control characters,
// and those that change the direction of writing. Text from others, such as the title of a page,
// can contain any.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return '\uFFFD'
		}
		return r
	}, text)
}

func trimRight(line string) string { return strings.TrimRight(line, " ") }
