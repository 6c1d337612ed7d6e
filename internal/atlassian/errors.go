package atlassian

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrMoved is wrapped by the error of a Read during which records moved between two pages: one
// arrived or was deleted in the part already read. Read the window again.
var ErrMoved = errors.New("records moved between pages")

// ErrCursor is wrapped by the error of a page whose cursor the server does not know any more. Begin
// again at a time.
var ErrCursor = errors.New("the cursor is not known")

// Error says why the audit log could not be read and what to do about it. It never holds a secret.
type Error struct {
	Cause      Cause         // one of the rows of [Causes]
	Status     int           // HTTP status, 0 when there was no answer
	Message    string        // what happened, lower case
	Remedy     string        // what to do about it, one sentence
	RetryAfter time.Duration // how long the server asks us to wait; 0 if it did not say
	Trace      string        // Atlassian's id of the request, for their support
	Said       string        // the words of the server, one line, may be empty
	Err        error         // the wrapped error, may be nil

	knows bool          // the server named the account, so it has accepted the credential
	Also  *Error        // the other route's refusal
	Took  time.Duration // time of the request; 0 if it does not matter
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

// Remark adds a remark to an error's text. The server's words, if any, stay at the end.
func Remark(err error, format string, args ...any) string {
	text, ending := err.Error(), ""
	if e, ok := errors.AsType[*Error](err); ok && strings.HasSuffix(text, e.ending()) {
		ending = e.ending()
	}
	return strings.TrimSuffix(text, ending) + " (" + fmt.Sprintf(format, args...) + ")" + ending
}

// Unwrap returns what caused the error, such as a network error or [ErrMoved].
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the fault may pass by itself, so that the usual back-off is right.
// Otherwise somebody has to act, and tries are less frequent.
func (e *Error) Temporary() bool { return causeTable[e.Cause].Temporary }

// Told returns an error as it may leave the client: without secrets.
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

// scrub replaces an error whose text holds a secret by one without it.
func (c *Client) scrub(err error) error {
	text := err.Error()
	if clean := c.redact.Redact(text, false); clean != text {
		return scrubbed{clean, err}
	}
	return err
}

// scrubbed is an error without secrets. errors.Is and errors.As see the original, but it is never
// printed.
type scrubbed struct {
	text string
	err  error
}

func (e scrubbed) Error() string        { return e.text }
func (e scrubbed) Is(target error) bool { return errors.Is(e.err, target) }
func (e scrubbed) As(target any) bool   { return errors.As(e.err, target) }

// Fail makes an Error for a cause, with the remedy of the table.
func Fail(cause Cause, err error, format string, args ...any) *Error {
	return &Error{Cause: cause, Message: fmt.Sprintf(format, args...), Remedy: causeTable[cause].Remedy, Err: err}
}

// Fail makes an Error for a cause, with the remedy of Options.Remedies or of the table.
func (c *Client) Fail(cause Cause, err error, format string, args ...any) *Error {
	e := Fail(cause, err, format, args...)
	e.Remedy = cmp.Or(c.Options.Remedies[cause], e.Remedy)
	return e
}

// WithRemedy returns the error with another remedy.
func (e *Error) WithRemedy(remedy string) *Error {
	e.Remedy = remedy
	return e
}

// TakenFor returns an error for the same answer with another cause.
func (e *Error) TakenFor(cause Cause, format string, args ...any) *Error {
	other := Fail(cause, e, format, args...)
	other.Status, other.Trace, other.Said = e.Status, e.Trace, e.Said
	return other
}

// CauseOf returns the cause of an error, empty if it is no [Error].
func CauseOf(err error) Cause {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Cause
	}
	return ""
}
