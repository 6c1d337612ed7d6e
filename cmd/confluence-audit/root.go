package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/check"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/db"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/estimate"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/export"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/initialize"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/preview"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/replay"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/rewind"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/simulation"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/status"
	"fluent-bit-confluence/internal/version"
)

func init() {
	cobra.EnableCommandSorting = false // help lists commands in the order of their use
}

// rootCommand returns the tool with all its commands. Those about the tool itself are in this
// package, each other one in a package of its own below internal/command.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "confluence-audit",
		Short: "the operator's tool beside the input for Confluence and Jira of Fluent Bit",
		Long: `confluence-audit reads the audit log of Confluence or Jira, Cloud or Data Center, or of an Atlassian organization.

It takes the settings of the input as flags (--api-url), from the environment (CONFLUENCE_API_URL), or from a configuration of Fluent Bit (--config). It reads Confluence. To read another log, use --product jira or --product organization, or set CONFLUENCE_PRODUCT: the variables are then JIRA_API_URL or ORGANIZATION_API_URL, and so on.`,
		Version: fmt.Sprintf("%s, commit %s, %s %s/%s", version.String(), version.Commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH),

		SilenceErrors: true, // run prints them
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(cmd.OutOrStdout(), cmd) })
	root.Flags().BoolP("version", "v", false, "Print the version.")
	help := helpCommand()
	root.SetHelpCommand(help)
	root.AddCommand(
		initialize.Command(),
		check.Command(),
		preview.Command(),
		estimate.Command(),
		status.Command(),
		export.Command(),
		rewind.Command(),
		replay.Command(),
		db.Command(),
		simulation.Command(),
		completionCommand(),
		manCommand(),
		help,
		versionCommand(),
	)
	for _, cmd := range append(root.Commands(), root) {
		cmd.Flags().SortFlags = false // as they are declared
		cmd.Flags().BoolP("help", "h", false, "Explain the command.")
		if cmd.Args == nil && cmd != root {
			cmd.Args = noArguments
		}
	}
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "%s version %s\n", cmd.Root().Name(), cmd.Root().Version)
		},
	}
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cli.UsageError("%q is no flag", args[0])
	}
	return nil
}

// noCommand is the error of a command line that names no command.
func noCommand(root *cobra.Command, args []string) error {
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if i < 0 {
		return cli.UsageError("want a command")
	}
	var names []string
	for _, cmd := range root.Commands() {
		names = append(names, cmd.Name())
	}
	return cli.UsageError("there is no command %q%s", args[i], cli.DidYouMean(args[i], "", names))
}

// flagError returns an error about a flag in the style of the others.
func flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		empty   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		number  *strconv.NumError
	)
	switch {
	case errors.As(err, &unknown):
		name, dashes := unknown.GetSpecifiedName(), "--"
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name, dashes = short, "-"
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return cli.UsageError("there is no flag %s%s%s", dashes, name, cli.DidYouMean(name, "--", names))
	case errors.As(err, &empty):
		return cli.UsageError("--%s wants a value", empty.GetSpecifiedName())
	case errors.As(err, &invalid) && errors.As(err, &number):
		return cli.UsageError("--%s %q: want a number", invalid.GetFlag().Name, invalid.GetValue())
	case errors.As(err, &invalid):
		return cli.UsageError("--%s %q: %v", invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap())
	}
	return cli.UsageError("%v", err)
}
