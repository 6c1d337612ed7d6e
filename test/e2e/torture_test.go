package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"fluent-bit-confluence/test/rig/rigtest"
)

// A short run of test/torture: failing API and receiver, kills, stops and a reload.
func TestTorture(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"filesystem":               {"-storage", "filesystem", "-backdated", "0.05"},
		"filesystem, threaded off": {"-storage", "filesystem", "-backdated", "0.05", "-threaded", "off"},
		"memory":                   {"-storage", "memory", "-backdated", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			torture := filepath.Join(t.TempDir(), "torture")
			if out, err := exec.Command("go", "build", "-o", torture, "fluent-bit-confluence/test/torture").CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*rigtest.Patience)
			defer cancel()
			c := exec.CommandContext(ctx, torture, append(flags, "-rounds", "6", "-seed", "3", "-v")...)
			c.Env = append(os.Environ(), "PLUGIN="+plugin)
			out, err := c.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
