// Command confluence-audit is the operator's tool for the plugin: it writes and checks
// configurations, shows and exports records, shows and repairs the state of inputs, and simulates a
// site.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/terminal"
)

func main() {
	signals := []os.Signal{syscall.SIGTERM}
	// A shell may start it with SIGINT ignored, as in the background.
	if !signal.Ignored(os.Interrupt) {
		signals = append(signals, os.Interrupt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command line and returns the exit code. Results go to out, all else to messages.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	root := rootCommand() //nolint:contextcheck // commands get their context when they run
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(messages)
	if len(args) == 0 {
		writeHelp(messages, root)
		return exitUsage
	}
	cmd, err := root.ExecuteContextC(ctx)
	if _, rest, notFound := root.Find(args); err != nil && notFound != nil {
		err = noCommand(root, rest)
	}
	if err != nil && ctx.Err() != nil && !errors.As(err, new(cli.Stopped)) {
		err = cli.Stopped("stopped")
	}
	switch name := cmd.CommandPath(); {
	case err == nil:
		return exitOK
	case errors.Is(err, cli.ErrFailed):
		return exitFailed
	case errors.Is(err, cli.ErrUsage):
		tell(messages, fmt.Sprintf("%s: %v\nsee %s --help", name, err, name))
		return exitUsage
	case errors.As(err, new(cli.Stopped)):
		tell(messages, fmt.Sprintf("%s: %v", name, err))
		return exitStopped
	default:
		tell(messages, fmt.Sprintf("%s: %v", name, err))
		return exitFailed
	}
}

// tell writes a text, wrapped if messages is a terminal.
func tell(messages io.Writer, text string) {
	for line := range strings.Lines(text) {
		terminal.On(messages).Hang("", 0, strings.TrimSuffix(line, "\n"))
	}
}
