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
	exitStopped = 130 // as shells have it: 128 and the number of SIGINT
)

// failedMeans is the name of a command's annotation that tells what exit code 1 means there.
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

// errFailed is the error of a command that has said already what is wrong.
var errFailed = errors.New("failed")

// errUsage is what a wrong command line is, for errors.Is.
var errUsage = errors.New("usage")

type usageErr struct{ message string }

func (e usageErr) Error() string        { return e.message }
func (e usageErr) Is(target error) bool { return target == errUsage }

func usageError(format string, args ...any) error { return usageErr{fmt.Sprintf(format, args...)} }

// stopped is the end by Ctrl-C, told in one line.
type stopped string

func (e stopped) Error() string { return string(e) }
