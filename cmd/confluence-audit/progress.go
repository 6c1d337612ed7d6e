package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress is a bar on a terminal, and nothing elsewhere.
type progress struct{ w io.Writer }

func newProgress(w io.Writer) *progress {
	if !terminal(w) {
		w = io.Discard
	}
	return &progress{w}
}

// show draws how much of the time from..to is done.
func (p *progress) show(from, at, to time.Time, records int) {
	const width = 30
	done := 1.0
	if total := to.Sub(from); total > 0 {
		done = min(1, float64(at.Sub(from))/float64(total))
	}
	full := int(done * width)
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %3.0f %%  %s  %d records",
		strings.Repeat("#", full), strings.Repeat(" ", width-full), done*100, at.Format(time.DateOnly), records)
}

func (p *progress) clear() { fmt.Fprint(p.w, "\r\x1b[K") }
