package db

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	logtest "github.com/sirupsen/logrus/hooks/test"
	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/rewind"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/pipeline"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
)

// An input with a file is stopped, its file imported, and two processes go on from the database:
// nothing is lost, and nothing comes twice. While they run, a rewind lets everything come again, once.
func TestImportGoesOn(t *testing.T) {
	t.Parallel()
	link, err := postgres.Start(t).NewLink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close() })
	// All records lie within the overlap, so the first poll of each process reads all of them again.
	sim := simulate.New(simulate.Options{Records: 40, History: time.Minute, Twins: 0.3, Seed: 1})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	folder := t.TempDir()
	file, configuration := filepath.Join(folder, "wiki.db"), filepath.Join(folder, "fluent-bit.yaml")
	database := fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", link.Addr())
	write := fmt.Sprintf("pipeline: {inputs: [{name: confluence, alias: wiki, api_url: %q, user_identifier: a@example.com, api_token: t, db: %q}]}\n", server.URL, database)
	if err := os.WriteFile(configuration, []byte(write), 0o600); err != nil {
		t.Fatal(err)
	}
	began := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	process := func(db string) *pipeline.Pipeline {
		t.Helper()
		keys := map[string]string{
			"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "start_from": began, "poll_interval": "1s", "db": db,
		}
		s, err := config.Parse(func(key string) string { return keys[key] })
		if err != nil {
			t.Fatal(err)
		}
		log, _ := logtest.NewNullLogger()
		p, err := pipeline.New(s, log, pipeline.Options{Ready: func() {}, BatchBytes: 3000})
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		t.Cleanup(func() { _ = p.Stop(t.Context()) })
		return p
	}
	tool := func(cmd *cobra.Command, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := clitest.Run(t.Context(), cmd, &out, &out, args...); err != nil {
			t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out.String())
		}
		return out.String()
	}

	alone := process(file)
	before := received(t, 40, alone)
	if err := alone.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	sim.Add(simulate.Record{Time: time.Now()})
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if said := tool(Command(), "import", "--config", configuration, file); !strings.Contains(said, "and leaves out 40 records of before") {
		t.Errorf("the import says %s", said)
	}
	if left, err := os.ReadFile(file); err != nil || !bytes.Equal(saved, left) {
		t.Errorf("the file has changed: %v", err)
	}

	one, two := process(database), process(database)
	all := append(before, received(t, 1, one, two)...)
	await(t, func() bool { return value("repeats_total", one, two) >= 40 && one.Next() == nil && two.Next() == nil })
	if got := value("records_total", one, two); got != 1 || slices.Contains(before, all[40]) {
		t.Errorf("%v records came after the import, the first of them is new: %t", got, !slices.Contains(before, all[40]))
	}
	if said := tool(Command(), "import", "--config", configuration, file); !strings.Contains(said, "has it already") {
		t.Errorf("the second import says %s", said)
	}
	if said := tool(rewind.Command(), "--config", configuration, "--to", began, "--yes"); !strings.Contains(said, "about 41 records") {
		t.Errorf("the rewind says %s", said)
	}
	again := received(t, 41, one, two)
	slices.Sort(all)
	slices.Sort(again)
	if !slices.Equal(all, again) {
		t.Errorf("after the rewind came\n%s\nwant\n%s", again, all)
	}
	polls := value("last_poll_timestamp_seconds", one, two)
	await(t, func() bool { return value("last_poll_timestamp_seconds", one, two) > polls })
	if got := value("records_total", one, two); got != 42 {
		t.Errorf("%v records came in all, want 42", got)
	}
}

// eventID finds the ids in events as Fluent Bit gets them.
var eventID = regexp.MustCompile(`event_id.{0,3}([0-9a-f]{32})`)

// received takes and acknowledges batches until there are n records, and returns their event ids.
func received(t *testing.T, n int, from ...*pipeline.Pipeline) (ids []string) {
	t.Helper()
	await(t, func() bool {
		for _, p := range from {
			b := p.Next()
			if b == nil {
				continue
			}
			for _, m := range eventID.FindAllSubmatch(b.Events, -1) {
				ids = append(ids, string(m[1]))
			}
			p.Acknowledge(b)
		}
		return len(ids) >= n
	})
	return ids
}

// value returns the sum of a metric over processes.
func value(name string, of ...*pipeline.Pipeline) (sum float64) {
	i := slices.IndexFunc(pipeline.Metrics, func(m pipeline.Metric) bool { return m.Name == name })
	for _, p := range of {
		sum += pipeline.Metrics[i].Read(p, "")
	}
	return sum
}

func await(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}
