// Package abi tests the shared object through its C interface, with the test host of test/host.
package abi

import (
	"fmt"
	"os"
	"testing"
)

// plugin and host are paths, set by make.
var plugin, host = os.Getenv("PLUGIN"), os.Getenv("TESTHOST")

func TestMain(m *testing.M) {
	if plugin == "" || host == "" {
		fmt.Println("SKIP tests of the C interface: make abi runs them")
		return
	}
	os.Exit(m.Run())
}
