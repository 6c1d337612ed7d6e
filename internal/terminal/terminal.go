// Package terminal writes text for people: in colour where that is wanted, wrapped to the width of
// the terminal, and without control characters from a server.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// DefaultWidth is the width of text where it is not written to a terminal.
const DefaultWidth = 80

// Colour is the colour of a piece of text.
type Colour string

// Colours, as SGR parameters.
const (
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
	Cyan   Colour = "36"
	Grey   Colour = "90"
	Bold   Colour = "1"
)

// A Screen is an output for text. With a width of 0 lines are not wrapped, so that programs can
// read them one by one.
type Screen struct {
	io.Writer
	Colourful bool
	Width     int
}

// On returns a screen for w: with colours, unless they are switched off, and wrapped lines on a
// terminal; with plain lines in a pipe or file.
func On(w io.Writer) Screen {
	if !Is(w) {
		return Screen{Writer: w}
	}
	return Screen{
		Writer: w,
		// See no-color.org.
		Colourful: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		Width:     width(w.(*os.File)),
	}
}

// Is reports whether w is a terminal.
func Is(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func width(f *os.File) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
		return n
	}
	return DefaultWidth
}

// Rows returns how many lines w shows at a time, 0 when it is no terminal.
func Rows(w io.Writer) int {
	if !Is(w) {
		return 0
	}
	if n, err := strconv.Atoi(os.Getenv("LINES")); err == nil && n > 0 {
		return n
	}
	_, n, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil || n <= 0 {
		return 24
	}
	return n
}

// Paint returns text in a colour, or unchanged on a screen without colours.
func (s Screen) Paint(c Colour, text string) string {
	if !s.Colourful || text == "" || c == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Hang writes text behind a head, which has the given number of columns and may be painted. The
// following lines begin below the text.
func (s Screen) Hang(head string, columns int, text string) {
	for i, line := range Wrap(text, s.room(columns)) {
		if i > 0 {
			head = fmt.Sprintf("%*s", columns, "")
		}
		fmt.Fprintln(s, trimRight(head+line))
	}
}

// room returns how many columns of a line are left behind those taken, 0 when lines are not
// wrapped.
func (s Screen) room(taken int) int {
	if s.Width == 0 {
		return 0
	}
	return max(s.Width-taken, 20)
}
