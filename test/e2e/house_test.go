package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// The configurations at the top of the project run unchanged, with the variables that they name.
func TestReadyConfigurations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fluent-bit.conf", "fluent-bit.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, simulate.Options{Seed: 80, Records: 50, History: 23 * 60 * 60 * 1e9})
			path, err := filepath.Abs("../../" + name)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(fluentBit, "-e", plugin, "-c", path)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "CONFLUENCE_API_URL="+s.URL, "CONFLUENCE_USER_IDENTIFIER=admin@example.com", "CONFLUENCE_API_TOKEN=unscoped-token",
				"CONFLUENCE_POLL_INTERVAL=1s")
			f, err := rig.StartCommand(cmd)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(f.Kill)
			i := &instance{FluentBit: f, t: t}
			i.awaitLog(`"event_id"`, 50)
			i.stop()
			if n := strings.Count(f.Log(), `"event_id"`); n != 50 {
				t.Errorf("%d events, want 50", n)
			}
			if _, err := os.Stat(filepath.Join(cmd.Dir, "data", "confluence.db")); err != nil {
				t.Errorf("no state file: %v", err)
			}
		})
	}
}
