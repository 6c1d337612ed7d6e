package e2e

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig/rigtest"
)

// The configurations at the top of the project run unchanged, with the variables that they name.
func TestReadyConfigurations(t *testing.T) {
	t.Parallel()
	for name, states := range map[string][]string{"fluent-bit.conf": {"confluence.db"}, "fluent-bit.yaml": {"confluence.db", "jira.db"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := simulate.Options{Seed: 80, Records: 50, History: 23 * 60 * 60 * 1e9}
			wiki := simulate.New(o)
			o.Product = simulate.Jira
			s := httptest.NewServer(simulate.Site(wiki, simulate.New(o)))
			t.Cleanup(s.Close)
			path, err := filepath.Abs("../../" + name)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(fluentBit, "-e", plugin, "-c", path)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "CONFLUENCE_API_URL="+s.URL, "CONFLUENCE_USER_IDENTIFIER=admin@example.com", "CONFLUENCE_API_TOKEN=unscoped-token",
				"JIRA_API_URL="+s.URL, "JIRA_USER_IDENTIFIER=admin@example.com", "JIRA_API_TOKEN=unscoped-token", "CONFLUENCE_POLL_INTERVAL=1s")
			f := &instance{Process: rigtest.Start(t, cmd), t: t}
			f.AwaitLog(`"event_id"`, 50*len(states))
			f.stop()
			if n := strings.Count(f.Log(), `"event_id"`); n != 50*len(states) {
				t.Errorf("%d events, want 50 of each product", n)
			}
			if n := strings.Count(f.Log(), `"objectItem"`); n != 50*(len(states)-1) {
				t.Errorf("%d events of Jira", n)
			}
			for _, state := range states {
				if _, err := os.Stat(filepath.Join(cmd.Dir, "data", state)); err != nil {
					t.Errorf("no state file: %v", err)
				}
			}
		})
	}
}
