package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"

	"fluent-bit-confluence/internal/version"
)

func printVersion(_ context.Context, c console, args []string) error {
	set := flag.NewFlagSet("version", flag.ContinueOnError)
	err := parseFlags(set, c, args, func(w io.Writer) {
		fmt.Fprintln(w, "Usage: confluence-audit version")
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "confluence-audit %s, commit %s, %s %s/%s\n", version.String(), version.Commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
