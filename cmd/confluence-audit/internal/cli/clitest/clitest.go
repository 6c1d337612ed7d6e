// Package clitest runs one command in tests.
package clitest

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// Run runs a command with its arguments. Results go to out, all else to messages; the error is
// returned, not printed.
func Run(ctx context.Context, cmd *cobra.Command, out, messages io.Writer, args ...string) error {
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(messages)
	return cmd.ExecuteContext(ctx)
}
