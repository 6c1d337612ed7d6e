package deploy

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// realFluentBit returns how to run the real Fluent Bit with the built plugin, or skips the test.
func realFluentBit(t *testing.T) (command []string) {
	t.Helper()
	if !rig.Wanted() {
		t.Skip(`SKIPPED: the examples are not started without the built plugin; "make artefacts" sets PLUGIN`)
	}
	fluentBit, err := rig.Find()
	if err != nil {
		t.Skip("SKIPPED: the examples are not started:", err)
	}
	plugin, err := rig.Plugin(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return []string{fluentBit, "-e", plugin, "-c"}
}

// start runs Fluent Bit with an example.
func start(t *testing.T, command []string, config string, env ...string) rigtest.Process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], config)...)
	cmd.Dir = filepath.Dir(config)
	cmd.Env = append(os.Environ(), env...)
	return rigtest.Start(t, cmd)
}

// taken is in the log once for each audit log that the process gets.
const taken = "] holds "

// stop ends a process, which must not take long.
func stop(t *testing.T, p rigtest.Process) {
	t.Helper()
	if took := p.Stop(); took > 15*time.Second {
		t.Errorf("the stop took %s", took)
	}
}

// A tenant is a simulated site with Confluence and Jira.
type tenant struct {
	*httptest.Server
	products map[string]*simulate.Simulator
}

func newTenant(t *testing.T, o simulate.Options) tenant {
	t.Helper()
	wiki := simulate.New(o)
	o.Product = simulate.Jira
	issues := simulate.New(o)
	server := httptest.NewServer(simulate.Site(wiki, issues))
	t.Cleanup(server.Close)
	return tenant{server, map[string]*simulate.Simulator{simulate.Confluence: wiki, simulate.Jira: issues}}
}

// awaitOnce waits until all that the site shows now has arrived, each record once.
func (s tenant) awaitOnce(t *testing.T, receiver *rig.Receiver) {
	t.Helper()
	ctx, now := rigtest.Patient(t), time.Now()
	for product, site := range s.products {
		var c rig.Comparison
		err := rig.Await(ctx, func() bool {
			c = rig.Compare(site.Records(), receiver.Of(product), now)
			return c.Records > 0 && c.Complete()
		})
		if err != nil || len(c.Repeated) > 0 || len(c.Surplus) > 0 {
			t.Errorf("%s: want each record once: %s (%v)", product, c, err)
		}
	}
}

// compare compares what each product had shown by then with what has arrived.
func (s tenant) compare(receiver *rig.Receiver, then time.Time) map[string]rig.Comparison {
	all := map[string]rig.Comparison{}
	for product, site := range s.products {
		all[product] = rig.Compare(site.Records(), receiver.Of(product), then)
	}
	return all
}

// write puts a file into a folder, and returns its path.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// replaced returns text with each of the pairs, which must be in it.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Errorf("the example has no %q:\n%s", pairs[i], text)
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text)) + "\n"
}
