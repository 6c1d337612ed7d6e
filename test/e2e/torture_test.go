package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A short session of test/torture, which see: failing API and receiver, kills, stops and a reload.
func TestTorture(t *testing.T) {
	t.Parallel()
	for _, storage := range []string{"filesystem", "memory"} {
		t.Run(storage, func(t *testing.T) {
			t.Parallel()
			torture := filepath.Join(t.TempDir(), "torture")
			if out, err := exec.Command("go", "build", "-o", torture, "fluent-bit-confluence/test/torture").CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			c := exec.CommandContext(patient(t), torture, "-rounds", "6", "-seed", "3", "-storage", storage, "-v")
			c.Env = append(os.Environ(), "PLUGIN="+plugin)
			out, err := c.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
