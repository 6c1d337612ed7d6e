// Package db prepares a database that processes share: its tables, and the state of inputs so far.
package db

import (
	"fmt"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/fleet"
)

// Command returns the command db.
func Command() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "db schema|import [state file...]",
		Short: "prepare a database that processes share",
		Long: `db schema prints the statements that make the tables in which processes share their inputs (db postgres://...), for the administrator of the database. The inputs make the tables themselves at their first start, if their user may. The statements may run again, and change nothing then. The lines at the end, which are comments, grant a user what the inputs need and no more. Nobody is asked.

db import brings state files into the database, so that the inputs go on where they were: nothing is lost, and nothing comes twice. Stop the Fluent Bit with the files, import them, and start the processes with the database. The configuration is the new one: a file goes to the database of the input that reads its audit log. The files stay as they are. What is in the database already is left alone, so the command may run again.`,
		Example: `  confluence-audit db schema | psql audit
  confluence-audit db import --config fluent-bit.yaml /var/lib/fluent-bit/*.db`,
		ValidArgs:   []string{"schema", "import"},
		Annotations: map[string]string{cli.FailedMeans: "some or all files were not imported"},
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 || args[0] != "schema" && args[0] != "import":
				return cli.UsageError("want db schema, or db import")
			case args[0] == "import" && len(args) == 1:
				return cli.UsageError("want the state files to import")
			case args[0] == "import" && o.config == "":
				return cli.UsageError("want --config, with the inputs that read on")
			case args[0] == "schema" && len(args) > 1:
				return cli.UsageError("want db schema alone")
			case args[0] == "schema" && o != (importOptions{}):
				return cli.UsageError("db schema has no flags")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "import" {
				return importFiles(cmd, o, args[1:])
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), fleet.SchemaSQL())
			return err
		},
	}
	cli.ConfigFlag(cmd, &o.config, "For db import: the configuration of Fluent Bit whose inputs go on, with db postgres://...")
	cmd.Flags().BoolVar(&o.replace, "replace", false, "For db import: let the state of a file take the place of another one that the database has of its audit log.")
	return cmd
}
