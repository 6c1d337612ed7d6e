// Package rigtest is rig for tests: what fails ends the test, and what was started ends with it.
package rigtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"fluent-bit-confluence/test/rig"
)

// Patience is how long anything may take on a slow machine. On a healthy one no wait is that long.
const Patience = 2 * time.Minute

// Patient returns a context that ends when patience does.
func Patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), Patience, errors.New("patience is over"))
	t.Cleanup(cancel)
	return ctx
}

// Await waits until condition holds.
func Await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	if err := rig.Await(Patient(t), condition); err != nil {
		t.Fatalf("await %s: %v", what, err)
	}
}

// FreePort returns a port of the loopback address that nobody uses.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Main runs the tests of a package with the real Fluent Bit and the built plugin, and returns the
// exit code. It sets their paths first. If one is missing it runs none, and says so. The tests wait
// more than they compute, so parallel of them may run at a time.
func Main(m *testing.M, what string, parallel int, fluentBit, plugin *string) int {
	if !rig.Wanted() {
		fmt.Printf("SKIP %s: make e2e runs them\n", what)
		return 0
	}
	var err error
	if *fluentBit, err = rig.Find(); err != nil {
		fmt.Printf("SKIP %s: %v\n", what, err)
		return 0
	}
	dir, err := os.MkdirTemp("", "rigtest")
	if err == nil {
		defer os.RemoveAll(dir)
		*plugin, err = rig.Plugin(dir)
	}
	if err == nil {
		err = flag.Set("test.parallel", strconv.Itoa(parallel))
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return m.Run()
}
