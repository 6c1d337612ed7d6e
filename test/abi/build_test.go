// Package abi drives the shared object through its C interface, from threads of C, by way of the host in test/host.
package abi

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// plugin and host are built once for all tests, unless the environment names them.
var plugin, host string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	plugin, host = os.Getenv("PLUGIN"), os.Getenv("TESTHOST")
	if plugin != "" && host != "" {
		return m.Run()
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		fmt.Println("SKIP: tests of the C interface need gcc")
		return 0
	}
	dir, err := os.MkdirTemp("", "abi")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	plugin, host = filepath.Join(dir, "in_confluence.so"), filepath.Join(dir, "testhost")
	sources, _ := filepath.Glob("../host/*.c")
	for _, build := range [][]string{
		{"go", "build", "-buildmode=c-shared", "-o", plugin, "../../plugin"},
		append([]string{"gcc", "-O2", "-pthread", "-Wl,--export-dynamic-symbol=flb_input_*", "-o", host, "-ldl"}, sources...),
	} {
		if out, err := exec.Command(build[0], build[1:]...).CombinedOutput(); err != nil {
			fmt.Printf("%v: %v\n%s", build, err, out)
			return 1
		}
	}
	return m.Run()
}
