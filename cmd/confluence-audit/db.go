package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/internal/fleet"
)

func dbCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "db schema",
		Short: "print the statements that make the tables in a database",
		Long: `Prints the statements that make the tables in which processes share their inputs (db postgres://...), for the administrator of the database. The inputs make the tables themselves at their first start, if their user may.

The statements may run again, and change nothing then. The lines at the end, which are comments, grant a user what the inputs need and no more. Nobody is asked.`,
		Example:   `  confluence-audit db schema | psql audit`,
		ValidArgs: []string{"schema"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "schema" {
				return usageError("want db schema")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), fleet.SchemaSQL())
			return err
		},
	}
}
