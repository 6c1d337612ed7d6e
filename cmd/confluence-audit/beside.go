package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// cutCommand parts the flags from the command behind "--".
func cutCommand(args []string) (flags, command []string) {
	if i := slices.Index(args, "--"); i >= 0 {
		return args[:i], args[i+1:]
	}
	return args, nil
}

// runBeside runs a command that reads the simulated site. Ctrl-C reaches it from the terminal as it reaches us; it gets time to end in order.
func runBeside(ctx context.Context, c console, command []string, url string, cred simulate.Credentials) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "CONFLUENCE_URL="+url, "CONFLUENCE_USER="+cred.User, "CONFLUENCE_TOKEN="+cred.Token,
		// The same as this program's own flags name them.
		"CONFLUENCE_API_URL="+url, "CONFLUENCE_USER_IDENTIFIER="+cred.User, "CONFLUENCE_API_TOKEN="+cred.Token)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, c.out, c.err
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.As(err, &exit):
		return fmt.Errorf("%s: %w", command[0], err)
	case err != nil:
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	return nil
}
