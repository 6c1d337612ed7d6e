package main

import (
	"errors"
	"fmt"
)

// Exit codes, the same for all commands.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130 // as in shells: 128 plus the number of SIGINT
)

// failedMeans is the name of the annotation of a command that explains its exit code 1.
const failedMeans = "failed"

// okMeans is the same for exit code 0.
const okMeans = "ok"

var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitOK, "all went well"},
	{exitFailed, "it did not, and a line says why"},
	{exitUsage, "the command line is wrong"},
	{exitStopped, "stopped by Ctrl-C"},
}

// errFailed is the error of a command that has printed what is wrong.
var errFailed = errors.New("failed")

// errUsage matches the errors of a wrong command line with errors.Is.
var errUsage = errors.New("usage")

type usageErr struct{ message string }

func (e usageErr) Error() string        { return e.message }
func (e usageErr) Is(target error) bool { return target == errUsage }

func usageError(format string, args ...any) error { return usageErr{fmt.Sprintf(format, args...)} }

// stopped is the error of a command that Ctrl-C has ended: one line about how far it came.
type stopped string

func (e stopped) Error() string { return string(e) }
