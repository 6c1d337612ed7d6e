package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/event/ocsf"
)

// TestActions compares the events of the samples with those in testdata/golden, one line each. For
// an older version of OCSF there are only those that differ from the newest in more than the
// version.
func TestActions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prefix  string // of the files
		samples [][]byte
		actions int // that the samples show at least
	}{{"", actionSamples(t), 60}, {"jira-", jiraSamples(t), 40}, {"organization-", organizationSamples(t), 12}} {
		actions := map[string]bool{}
		for _, raw := range c.samples {
			event := line(t, "ecs", false, timeOf(raw), raw)
			actions[lookup(event, "event", "code").(string)] = true
		}
		if len(actions) < c.actions {
			t.Errorf("the samples show %d actions, want %d", len(actions), c.actions)
		}
		for _, schema := range formats() {
			t.Run(c.prefix+schema, func(t *testing.T) {
				t.Parallel()
				golden(t, schema, c.prefix, c.samples)
			})
		}
	}
}

func golden(t *testing.T, schema, prefix string, samples [][]byte) {
	t.Helper()
	var got []byte
	for _, raw := range samples {
		line(t, schema, false, timeOf(raw), raw)
		site := siteOf(raw)
		meta := event.Meta{Fingerprint: hasherOf(site).Fingerprint(parsed(raw)), Read: timeOf(raw).Add(30 * time.Second)}
		event := encoderOf(t, schema, false, site).AppendJSON(nil, timeOf(raw), parsed(raw), meta)
		if name, version, older := strings.Cut(schema, " "); older {
			newest := encoderOf(t, name, false, site).AppendJSON(nil, timeOf(raw), parsed(raw), meta)
			if bytes.Equal(event, bytes.Replace(newest, []byte(ocsf.Versions()[0]), []byte(version), 1)) {
				continue
			}
		}
		got = append(append(got, event...), '\n')
	}
	file := filepath.Join("testdata", "golden", prefix+strings.ReplaceAll(schema, " ", "-")+".ndjson")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s is not up to date, look at the difference and run go test ./internal/schema -update (-want +got):\n%s", file, diff)
	}
}
