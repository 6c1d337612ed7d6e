package abi

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
)

// hostOf makes a test host that contains the given release in the text of the NATS output, as
// Fluent Bit does.
func hostOf(t *testing.T, major, minor, patch int) string {
	t.Helper()
	program, err := os.ReadFile(host)
	if err != nil {
		t.Fatal(err)
	}
	unknown, known := []byte(`"000.000.000"`), fmt.Appendf(nil, `"%03d.%03d.%03d"`, major, minor, patch)
	if n := bytes.Count(program, unknown); n != 1 {
		t.Fatalf("the host has its release in %d places", n)
	}
	path := filepath.Join(t.TempDir(), "testhost")
	if err := os.WriteFile(path, bytes.Replace(program, unknown, known, 1), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// An old host is refused before anything is written behind its definition, where the test host has
// a page that cannot be accessed. It is refused in FLBPluginInit, so that the line gets into its
// log, and the process ends there. Without jemalloc a definition of 32 bytes looks like one of 40,
// and the text decides.
func TestOldHost(t *testing.T) {
	t.Parallel()
	const line = "[input:confluence] %s is too old for this input, which needs 4.2.3 or later: upgrade Fluent Bit\n"
	for _, tt := range []struct {
		abi     string
		release [3]int
		name    string
	}{
		{"4.1", [3]int{}, "this Fluent Bit"},
		{"4.1", [3]int{4, 2, 2}, "Fluent Bit 4.2.2"},
		{"4.2", [3]int{4, 2, 2}, "Fluent Bit 4.2.2"},
		{"4.2", [3]int{4, 1, 9}, "Fluent Bit 4.1.9"},
		{"4.2", [3]int{3, 2, 10}, "Fluent Bit 3.2.10"},
	} {
		t.Run(fmt.Sprint(tt.abi, tt.release), func(t *testing.T) {
			t.Parallel()
			_, properties := site(t, simulate.Options{Records: 1})
			r := hostRunAs(t, hostOf(t, tt.release[0], tt.release[1], tt.release[2]), "init "+properties+"\ncallback 0 x1\n", "--script", "-", "--abi", tt.abi)
			if want := fmt.Sprintf(line, tt.name); r.code != 1 || strings.Count(r.stderr, want) != 1 || strings.Contains(r.stderr, " reads ") {
				t.Errorf("exit code %d, want 1 and the line %q\n%s", r.code, want, r.stderr)
			}
		})
	}
}

// An old host that loads the plugin but has no input of it is not ended.
func TestOldHostWithoutInput(t *testing.T) {
	t.Parallel()
	r := script(t, "# nothing\n", "--abi", "4.1")
	if r.code != 0 || strings.Contains(r.stderr, "too old") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}

func TestNewHost(t *testing.T) {
	t.Parallel()
	for _, release := range [][3]int{{}, {4, 2, 3}, {4, 2, 10}, {4, 3, 0}, {5, 0, 0}} {
		t.Run(fmt.Sprint(release), func(t *testing.T) {
			t.Parallel()
			_, properties := site(t, simulate.Options{Records: 1})
			r := hostRunAs(t, hostOf(t, release[0], release[1], release[2]), "init "+properties+"\nexit 0\n", "--script", "-", "--abi", "4.2")
			if r.code != 0 || strings.Contains(r.stderr, "too old") {
				t.Errorf("exit code %d\n%s", r.code, r.stderr)
			}
		})
	}
}
