package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version string

func printVersion(_ context.Context, c console, args []string) error {
	set := flag.NewFlagSet("version", flag.ContinueOnError)
	err := parseFlags(set, c, args, func(w io.Writer) {
		fmt.Fprintln(w, "Usage: confluence-audit version")
	})
	if err != nil {
		return err
	}
	number, commit := version, "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		if number == "" {
			number = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				commit = setting.Value
			}
		}
	}
	if number == "" {
		number = "(devel)"
	}
	fmt.Fprintf(c.out, "confluence-audit %s, commit %s, %s %s/%s\n", number, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
