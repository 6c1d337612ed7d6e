package confluence

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrMoved is wrapped by the error of a Read whose records moved between two
// pages: one arrived or went away in the part already read. Read the window
// again.
var ErrMoved = errors.New("records moved between pages")

// Error is why the audit log could not be read, with what to do about it. It
// never holds a secret.
type Error struct {
	Cause      Cause         // one of the rows of [Causes]
	Status     int           // HTTP status, 0 when there was no answer
	Message    string        // what happened, lower case
	Remedy     string        // what to do about it, one sentence
	RetryAfter time.Duration // how long the server asks us to wait, 0: it did not say
	Trace      string        // Atlassian's id of the request, for their support
	Err        error         // what is wrapped, may be nil
}

// Error returns "message: remedy (HTTP status, trace id)".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Remedy != "" {
		b.WriteString(": ")
		b.WriteString(e.Remedy)
	}
	switch {
	case e.Status != 0 && e.Trace != "":
		fmt.Fprintf(&b, " (HTTP %d, trace %s)", e.Status, e.Trace)
	case e.Status != 0:
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	return b.String()
}

// Unwrap returns what caused the error, such as a network error or [ErrMoved].
func (e *Error) Unwrap() error { return e.Err }

// Temporary tells whether the usual back-off is right: the fault is one that
// passes by itself. Otherwise somebody has to act, and a calm pace is enough.
func (e *Error) Temporary() bool { return causeTable[e.Cause].Temporary }

// fail makes the Error of a cause with the table's remedy.
func fail(cause Cause, err error, format string, args ...any) *Error {
	return &Error{Cause: cause, Message: fmt.Sprintf(format, args...), Remedy: causeTable[cause].Remedy, Err: err}
}
