// Package terminal is how the operator's tool looks: colour where it is wanted, lines that fit with
// words left whole, and nothing from a server that could paint over the screen.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// DefaultWidth is that of text for people where no terminal says how wide it is.
const DefaultWidth = 80

// Colour is what a piece of text is painted in.
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

// A Screen is an output for people. Its zero width means that lines are not broken: programs read
// them one by one.
type Screen struct {
	io.Writer
	Colourful bool
	Width     int
}

// On returns the screen that w is: colours and breaks on a terminal whose owner wants them, plain
// lines in a pipe or file.
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

// Is tells whether w is a terminal.
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

// Rows is how many lines w shows at a time, 0 where it is no terminal.
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

// Paint returns text in a colour, or as it is where there are none.
func (s Screen) Paint(c Colour, text string) string {
	if !s.Colourful || text == "" || c == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Hang writes text behind a head of some columns, which may be painted. Lines that follow the first
// begin below the text.
func (s Screen) Hang(head string, columns int, text string) {
	for i, line := range Wrap(text, s.room(columns)) {
		if i > 0 {
			head = fmt.Sprintf("%*s", columns, "")
		}
		fmt.Fprintln(s, trimRight(head+line))
	}
}

// room is what is left of a line behind the columns taken, 0 where lines are not broken.
func (s Screen) room(taken int) int {
	if s.Width == 0 {
		return 0
	}
	return max(s.Width-taken, 20)
}
