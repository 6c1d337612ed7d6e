// Command confluence-audit is the operator's tool beside the plugin: it checks a configuration, exports records, and
// plays an Atlassian to try things out with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// command is one subcommand. Its run returns errFailed when it has said already what is wrong.
type command struct {
	name    string
	purpose string
	run     func(ctx context.Context, c console, args []string) error
}

var commands = []command{
	{"check", "tell whether records can be read, and if not, why", check},
	{"export", "write records as JSON lines", export},
	{"simulate", "play a Confluence to try things out with", simulateSite},
	{"version", "print the version", printVersion},
}

// console is where a command writes: results to out, all else to err.
type console struct{ out, err io.Writer }

var (
	errFailed = errors.New("failed")
	errUsage  = errors.New("usage")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, console{os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run returns the exit code: 0 when all went well, 1 when not, 2 when the command line is wrong, 130 after Ctrl-C.
func run(ctx context.Context, c console, args []string) int {
	if len(args) == 0 {
		help(c.err)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) == 1 || args[0] != "help" {
			help(c.out)
			return 0
		}
		args = []string{args[1], "--help"}
	case "--version", "-version":
		args[0] = "version"
	}
	for _, command := range commands {
		if command.name == args[0] {
			err := command.run(ctx, c, args[1:])
			if err != nil && ctx.Err() != nil && !errors.As(err, new(stopped)) {
				err = stopped("stopped")
			}
			return exitCode(c, command.name, err)
		}
	}
	fmt.Fprintf(c.err, "confluence-audit: there is no command %q, see confluence-audit --help\n", args[0])
	return 2
}

func exitCode(c console, name string, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errFailed):
		return 1
	case errors.Is(err, errUsage):
		fmt.Fprintf(c.err, "confluence-audit %s: %v, see confluence-audit %s --help\n", name, err, name)
		return 2
	}
	fmt.Fprintf(c.err, "confluence-audit %s: %v\n", name, err)
	if errors.As(err, new(stopped)) {
		return 130 // as shells have it: 128 and the number of SIGINT
	}
	return 1
}

func help(w io.Writer) {
	fmt.Fprint(w, "confluence-audit reads the audit log of Confluence Cloud and Data Center.\n\nUsage: confluence-audit <command> [flags]\n\n")
	for _, command := range commands {
		fmt.Fprintf(w, "  %-10s%s\n", command.name, command.purpose)
	}
	fmt.Fprint(w, "\nconfluence-audit <command> --help tells more.\n")
}
