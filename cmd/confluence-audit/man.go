package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/version"
)

func manCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "man [command]",
		Short: "print a manual page",
		Long:  `Prints the manual page of the tool, or of one of its commands, from the same tables as --help.`,
		Example: `  confluence-audit man check | man -l -
  confluence-audit man --output /usr/local/share/man/man1`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeCommands,
		RunE: func(cmd *cobra.Command, args []string) error {
			if folder != "" {
				return writeManPages(cmd.Root(), folder)
			}
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return noCommand(cmd.Root(), rest)
			}
			writeManPage(cmd.OutOrStdout(), found)
			return nil
		},
	}
	cli.TextVar(cmd, &folder, "output", "", "<folder>", "Write the pages of all commands into a folder.")
	return cmd
}

func writeManPages(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make folder for manual pages: %w; choose one that can be written to", err)
	}
	for _, cmd := range append(root.Commands(), root) {
		var page strings.Builder
		writeManPage(&page, cmd)
		name := filepath.Join(folder, manName(cmd)+".1")
		if err := os.WriteFile(name, []byte(page.String()), 0o644); err != nil {
			return fmt.Errorf("write manual page: %w", err)
		}
	}
	return nil
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// writeManPage writes the page of one command in the macros of man(7).
func writeManPage(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, ".TH %s 1 \"\" \"confluence-audit %s\"\n", strings.ToUpper(roff(manName(cmd))), roff(version.String()))
	fmt.Fprintf(w, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	fmt.Fprintf(w, ".SH SYNOPSIS\n%s\n", roff(usageLine(cmd)))
	if cmd.Long != "" {
		fmt.Fprintf(w, ".SH DESCRIPTION\n%s\n", strings.ReplaceAll(roff(cmd.Long), "\n\n", "\n.PP\n"))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprint(w, ".SH COMMANDS\n")
		for _, c := range cmd.Commands() {
			fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(c.Name()), roff(c.Short))
		}
	}
	own, keys := flagsOf(cmd)
	manFlags(w, "OPTIONS", own)
	manFlags(w, "SETTINGS", keys)
	if len(keys) > 0 {
		fmt.Fprintf(w, ".SH ENVIRONMENT\n%s\n", roff("Each setting can come from the environment: --api-url from CONFLUENCE_API_URL and so on. A flag wins."))
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	}
	fmt.Fprint(w, ".SH EXIT STATUS\n")
	for _, c := range exitCodes {
		fmt.Fprintf(w, ".TP\n%d\n%s\n", c.code, roff(exitMeaning(cmd, c.code, c.meaning)))
	}
}

func manFlags(w io.Writer, title string, flags []*pflag.Flag) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(w, ".SH %s\n", title)
	for _, f := range flags {
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(flagHead(f)+flagTail(f)), roff(f.Usage))
	}
}

var roffEscapes = strings.NewReplacer(`\`, `\e`, "-", `\-`)

// roff escapes text, so that no line is read as a macro.
func roff(text string) string {
	lines := strings.Split(roffEscapes.Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
