package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/internal/terminal"
)

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return noCommand(cmd.Root(), rest)
			}
			writeHelp(cmd.OutOrStdout(), found)
			return nil
		},
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeCommands,
	}
}

// writeHelp prints the help of a command in lines of 80 columns, on a terminal or not.
func writeHelp(w io.Writer, cmd *cobra.Command) {
	s := terminal.On(w)
	s.Width = terminal.DefaultWidth
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprintf(s, "Usage: %s\n\n", usageLine(cmd))
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		s.Hang("", 0, paragraph)
		fmt.Fprintln(s)
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(s, s.Paint(terminal.Bold, "Commands:"))
		for _, c := range cmd.Commands() {
			s.Hang(fmt.Sprintf("  %-12s", c.Name()), 14, c.Short)
		}
		fmt.Fprintln(s)
	}
	own, keys := flagsOf(cmd)
	writeFlags(s, "Flags:", own)
	writeFlags(s, "Settings, each also from the environment, --api-url from CONFLUENCE_API_URL and so on; a flag wins. With --product jira, or CONFLUENCE_PRODUCT=jira, "+
		"they are JIRA_API_URL and so on, and no other; for organization likewise. Secrets are better kept there or in a file: others can see the flags of a running process.", keys)
	if cmd.Example != "" {
		fmt.Fprintf(s, "%s\n%s\n\n", s.Paint(terminal.Bold, "Examples:"), cmd.Example)
	}
	fmt.Fprintln(s, s.Paint(terminal.Bold, "Exit codes:"))
	for _, c := range exitCodes {
		s.Hang(fmt.Sprintf("  %-5d", c.code), 7, exitMeaning(cmd, c.code, c.meaning))
	}
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return cmd.CommandPath() + " <command> [flags]"
	}
	return cmd.UseLine()
}

// exitMeaning returns the meaning of an exit code in one command.
func exitMeaning(cmd *cobra.Command, code int, usual string) string {
	switch code {
	case exitOK:
		return cmp.Or(cmd.Annotations[cli.OKMeans], usual)
	case exitFailed:
		return cmp.Or(cmd.Annotations[cli.FailedMeans], usual)
	}
	return usual
}

// flagsOf returns the flags of a command that help shows: its own, and those for keys of the input.
func flagsOf(cmd *cobra.Command) (own, keys []*pflag.Flag) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		key := input.IsKey(f)
		switch {
		case f.Hidden:
		case key:
			keys = append(keys, f)
		default:
			own = append(own, f)
		}
	})
	return own, keys
}

func writeFlags(s terminal.Screen, title string, flags []*pflag.Flag) {
	if len(flags) == 0 {
		return
	}
	for _, line := range terminal.Wrap(title, s.Width) {
		fmt.Fprintln(s, s.Paint(terminal.Bold, line))
	}
	for _, f := range flags {
		fmt.Fprintln(s, "  "+s.Paint(terminal.Cyan, flagHead(f))+flagTail(f))
		s.Hang("        ", 8, f.Usage)
	}
	fmt.Fprintln(s)
}

// flagHead returns a flag with its value: --api-url <url>.
func flagHead(f *pflag.Flag) string {
	head := "--" + f.Name
	if f.Shorthand != "" {
		head = "-" + f.Shorthand + ", " + head
	}
	switch kind := f.Value.Type(); kind {
	case "", "bool":
	case "int", "uint64", "float64":
		head += " <number>"
	case "stringArray":
		head += " <name>"
	default:
		head += " " + kind
	}
	return head
}

// flagTail returns default and allowed values of a flag.
func flagTail(f *pflag.Flag) string {
	switch {
	case input.Required(f):
		return "  (required)"
	case f.DefValue != "" && f.Value.Type() != "bool" && f.DefValue != "[]":
		return "  (default " + f.DefValue + ")"
	}
	return ""
}
