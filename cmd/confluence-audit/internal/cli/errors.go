// Package cli is what all commands share at the command line: the kinds of errors that end one, flags,
// and the question before a change.
package cli

import (
	"errors"
	"fmt"

	"fluent-bit-confluence/internal/config"
)

// FailedMeans is the name of the annotation of a command that explains its exit code 1.
const FailedMeans = "failed"

// OKMeans is the same for exit code 0.
const OKMeans = "ok"

// ErrFailed is the error of a command that has printed what is wrong.
var ErrFailed = errors.New("failed")

// ErrUsage matches the errors of a wrong command line with errors.Is.
var ErrUsage = errors.New("usage")

type usageErr struct{ message string }

func (e usageErr) Error() string        { return e.message }
func (e usageErr) Is(target error) bool { return target == ErrUsage }

// UsageError returns the error of a wrong command line.
func UsageError(format string, args ...any) error { return usageErr{fmt.Sprintf(format, args...)} }

// Stopped is the error of a command that Ctrl-C has ended: one line about how far it came.
type Stopped string

func (e Stopped) Error() string { return string(e) }

// DidYouMean returns the end of a message, with the name that was probably meant if there is one.
func DidYouMean(name, dashes string, names []string) string {
	if near, ok := config.Nearest(name, names); ok {
		return ": did you mean " + dashes + near + "?"
	}
	return ""
}
