package terminal

import (
	"fmt"
	"io"
)

// A Status is one line of a terminal that shows progress and is overwritten. Where the output is no
// terminal it does nothing.
type Status struct {
	w     io.Writer
	width int
	shown bool
}

// NewStatus returns the status line of w.
func NewStatus(w io.Writer) *Status {
	s := On(w)
	return &Status{w: w, width: s.Width}
}

// Visible returns whether the line is shown.
func (s *Status) Visible() bool { return s.width > 0 }

// Show replaces the text of the line.
func (s *Status) Show(text string) {
	if !s.Visible() {
		return
	}
	s.shown = true
	fmt.Fprint(s.w, "\r\x1b[K", Cut(text, s.width-1))
}

// Clear removes the line, so that other text can be written.
func (s *Status) Clear() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}
