package terminal

import (
	"fmt"
	"io"
)

// A Status is one line that is written anew while something goes on. Elsewhere than on a terminal
// it is nothing.
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

// Visible tells whether anybody sees it.
func (s *Status) Visible() bool { return s.width > 0 }

// Show puts text in place of what the line showed.
func (s *Status) Show(text string) {
	if !s.Visible() {
		return
	}
	s.shown = true
	fmt.Fprint(s.w, "\r\x1b[K", Cut(text, s.width-1))
}

// Clear takes the line away, so that others can be written.
func (s *Status) Clear() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}
