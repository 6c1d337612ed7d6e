package main

import (
	"io"
	"slices"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
)

// shells are those for which the tool has completion.
var shells = []string{"bash", "zsh", "fish"}

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print the completion script of a shell",
		Long: `Prints the script with which a shell completes the commands, the flags and their values.

It needs the tool on the PATH. The examples show where the shells look for such scripts.`,
		Example: `  confluence-audit completion bash > ~/.local/share/bash-completion/completions/confluence-audit
  confluence-audit completion zsh > "${fpath[1]}/_confluence-audit"
  confluence-audit completion fish > ~/.config/fish/completions/confluence-audit.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return cli.UsageError("want one of bash, zsh and fish")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			write := map[string]func(io.Writer) error{
				"bash": func(w io.Writer) error { return cmd.Root().GenBashCompletionV2(w, true) },
				"zsh":  cmd.Root().GenZshCompletion,
				"fish": func(w io.Writer) error { return cmd.Root().GenFishCompletion(w, true) },
			}[args[0]]
			return write(cmd.OutOrStdout())
		},
	}
}

// completeCommands completes the name of a command.
func completeCommands(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if len(args) == 0 {
		for _, c := range cmd.Root().Commands() {
			names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
