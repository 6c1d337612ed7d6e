package main

// Exit codes, the same for all commands.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130 // as in shells: 128 plus the number of SIGINT
)

var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitOK, "all went well"},
	{exitFailed, "it did not, and a line says why"},
	{exitUsage, "the command line is wrong"},
	{exitStopped, "stopped by Ctrl-C"},
}
