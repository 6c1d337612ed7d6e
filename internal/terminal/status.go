package terminal

import (
	"fmt"
	"io"
)

// A Status is one line of a terminal that shows progress and is overwritten. Where the output is no
// terminal, only what Note tells is written.
type Status struct {
	w     io.Writer
	width int
	shown bool
	noted string // the last line of Note
}

// NewStatus returns the status line of w.
func NewStatus(w io.Writer) *Status {
	s := On(w)
	return &Status{w: w, width: s.Width}
}

// Visible reports whether the line is shown.
func (s *Status) Visible() bool { return s.width > 0 }

// Show replaces the text of the line.
func (s *Status) Show(text string) {
	if !s.Visible() {
		return
	}
	s.shown = true
	fmt.Fprint(s.w, "\r\x1b[K", Cut(text, s.width-1))
}

// Note tells why nothing goes on, such as a wait between two tries: on a terminal like Show, else as
// a line of its own. A line that repeats the one before is left out.
func (s *Status) Note(text string) {
	s.Show(text)
	if !s.Visible() && text != s.noted {
		s.noted = text
		fmt.Fprintln(s.w, Plain(text))
	}
}

// Clear removes the line, so that other text can be written.
func (s *Status) Clear() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}
