package cli

import (
	"context"
	"errors"
	"strings"

	"fluent-bit-confluence/internal/terminal"

	"github.com/spf13/cobra"
)

// Consent asks the operator whether records should come again. Without a terminal to ask on, or after
// a no, it returns an error.
func Consent(cmd *cobra.Command) error {
	asker, somebody := terminal.NewAsker(cmd.InOrStdin(), cmd.ErrOrStderr())
	if !somebody {
		return errors.New("there is no terminal to ask on, so nothing has changed: add --yes")
	}
	answer, err := asker.Line(cmd.Context(), "Deliver them again? [y/N]")
	switch {
	case errors.Is(err, context.Canceled):
		return Stopped("stopped: nothing has changed")
	case err != nil:
		return err
	case !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes"):
		return errors.New("nothing has changed")
	}
	return nil
}
