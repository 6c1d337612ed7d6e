package atlassian

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrMoved is wrapped by the error of a Read whose records moved between two pages: one arrived or
// went away in the part already read. Read the window again.
var ErrMoved = errors.New("records moved between pages")

// Error is why the audit log could not be read, with what to do about it. It never holds a secret.
type Error struct {
	Cause      Cause         // one of the rows of [Causes]
	Status     int           // HTTP status, 0 when there was no answer
	Message    string        // what happened, lower case
	Remedy     string        // what to do about it, one sentence
	RetryAfter time.Duration // how long the server asks us to wait, 0: it did not say
	Trace      string        // Atlassian's id of the request, for their support
	Said       string        // what the server said in its own words, one line, may be empty
	Err        error         // what is wrapped, may be nil

	knows bool          // the server named the account: it has accepted the credential
	Also  *Error        // the other route's refusal
	Took  time.Duration // of the request, 0: that does not matter
}

// Error returns `message: remedy (HTTP status, trace id); the server says "…"`.
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
	b.WriteString(e.ending())
	return b.String()
}

func (e *Error) ending() string {
	if e.Said == "" {
		return ""
	}
	return fmt.Sprintf(`; the server says "%s"`, e.Said)
}

// Remark adds a remark to an error's text. Where a server has said something its words stay at the
// end.
func Remark(err error, format string, args ...any) string {
	text, ending := err.Error(), ""
	if e, ok := errors.AsType[*Error](err); ok && strings.HasSuffix(text, e.ending()) {
		ending = e.ending()
	}
	return strings.TrimSuffix(text, ending) + " (" + fmt.Sprintf(format, args...) + ")" + ending
}

// Unwrap returns what caused the error, such as a network error or [ErrMoved].
func (e *Error) Unwrap() error { return e.Err }

// Temporary tells whether the usual back-off is right: the fault is one that passes by itself.
// Otherwise somebody has to act, and a calm pace is enough.
func (e *Error) Temporary() bool { return causeTable[e.Cause].Temporary }

// Told is an error as it leaves the client: without secrets, whatever they came in with.
func (c *Client) Told(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		for _, text := range []*string{&e.Message, &e.Remedy, &e.Trace, &e.Said} {
			*text = c.redact.Redact(*text, false)
		}
		if e.Err != nil {
			e.Err = c.scrub(e.Err)
		}
	}
	return c.scrub(err)
}

// scrub hides an error whose text holds a secret behind one that does not.
func (c *Client) scrub(err error) error {
	text := err.Error()
	if clean := c.redact.Redact(text, false); clean != text {
		return scrubbed{clean, err}
	}
	return err
}

// scrubbed is an error without its secrets. Its chain can be searched but not printed.
type scrubbed struct {
	text string
	err  error
}

func (e scrubbed) Error() string        { return e.text }
func (e scrubbed) Is(target error) bool { return errors.Is(e.err, target) }
func (e scrubbed) As(target any) bool   { return errors.As(e.err, target) }

// Fail makes the Error of a cause with the table's remedy.
func Fail(cause Cause, err error, format string, args ...any) *Error {
	return &Error{Cause: cause, Message: fmt.Sprintf(format, args...), Remedy: causeTable[cause].Remedy, Err: err}
}

// WithRemedy is the error with another remedy than the one of its cause.
func (e *Error) WithRemedy(remedy string) *Error {
	e.Remedy = remedy
	return e
}

// TakenFor is the same answer, taken for another cause.
func (e *Error) TakenFor(cause Cause, format string, args ...any) *Error {
	other := Fail(cause, e, format, args...)
	other.Status, other.Trace, other.Said = e.Status, e.Trace, e.Said
	return other
}

// CauseOf is the cause of an error, empty for one that is no [Error].
func CauseOf(err error) Cause {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Cause
	}
	return ""
}
