package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/internal/simulate"
)

// runBeside runs a command that reads the simulated site. Ctrl-C reaches it from the terminal as it reaches us; it gets time to end in order.
func runBeside(parent *cobra.Command, command []string, url string, cred simulate.Credentials) error {
	ctx := parent.Context()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "CONFLUENCE_URL="+url, "CONFLUENCE_USER="+cred.User, "CONFLUENCE_TOKEN="+cred.Token,
		// The same as this program's own flags name them.
		"CONFLUENCE_API_URL="+url, "CONFLUENCE_USER_IDENTIFIER="+cred.User, "CONFLUENCE_API_TOKEN="+cred.Token)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = parent.InOrStdin(), parent.OutOrStdout(), parent.ErrOrStderr()
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
