package pipeline

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/simulate"
)

func settings(t *testing.T, keys map[string]string) config.Settings {
	t.Helper()
	s, err := config.Parse(func(key string) string { return keys[key] })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// host is a host for batches of up to 1 MB.
var host = Options{Ready: func() {}, BatchBytes: 1_000_000}

func TestWarnOfExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, hook := logtest.NewNullLogger()
		p := &Pipeline{log: log, settings: config.Settings{TokenExpires: time.Now().Add(40 * day)}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go p.warnOfExpiry(ctx)
		time.Sleep(41 * day)
		synctest.Wait()
		got := beginnings(hook)
		want := []string{
			"the token expires in 30 days", "the token expires in 14 days", "the token expires in 7 days", "the token expires in 3 days",
			"the token expires in 1 day", "the token expired on 2000-02-10",
		}
		if diff := cmp.Diff(want, got); len(got) != 6 || diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
	})
}

// beginnings returns each line up to its first comma.
func beginnings(hook *logtest.Hook) (all []string) {
	for _, e := range hook.AllEntries() {
		text, _, _ := strings.Cut(e.Message, ", ")
		all = append(all, text)
	}
	return all
}

// drain takes and acknowledges batches until there are n records.
func drain(t *testing.T, p *Pipeline, n int) (events string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); n > 0; {
		b := p.Next()
		if b == nil {
			if time.Now().After(deadline) {
				t.Fatalf("%d records did not come", n)
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		events += string(b.Events)
		n -= b.Records
		p.Acknowledge(b)
	}
	return events
}

// Records become events, also after a restart and after damage of the state file.
func TestPipeline(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 50})
	server := httptest.NewServer(sim)
	defer server.Close()
	db := filepath.Join(t.TempDir(), "state.db")
	keys := map[string]string{
		"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "db": db, "start_from": "25h",
	}
	run := func(n int) (string, *logtest.Hook) {
		log, hook := logtest.NewNullLogger()
		p, err := New(settings(t, keys), log, host)
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		events := drain(t, p, n)
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		return events, hook
	}
	first, _ := run(50)
	if !strings.Contains(first, "11111111-2222-4333-8444-555555555555") {
		t.Error("the events do not name the cloud id that was found")
	}
	sim.Add(simulate.Record{})
	second, _ := run(1)
	if strings.Contains(second, "SIM-") {
		t.Error("after a restart a record came again")
	}
	if err := os.Truncate(db, 5000); err != nil {
		t.Fatal(err)
	}
	_, hook := run(51)
	said := false
	for _, e := range hook.AllEntries() {
		said = said || strings.Contains(e.Message, "the state file was damaged, it is kept as "+db+".damaged-")
	}
	if !said {
		t.Error("nothing was said about the damaged state file")
	}
}

func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	log, _ := logtest.NewNullLogger()
	db := filepath.Join(t.TempDir(), "state.db")
	keys := map[string]string{"api_url": "https://acme.atlassian.net", "user_identifier": "a@b.example", "api_token": "x", "db": db}
	for range 2 { // the second can lock the file again
		p, err := New(settings(t, keys), log, host)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A SIEM tells inputs apart by the name that they have in Fluent Bit.
func TestHealthRecordsNameTheInput(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(simulate.New(simulate.Options{Records: 1}))
	defer server.Close()
	log, _ := logtest.NewNullLogger()
	p, err := New(settings(t, map[string]string{
		"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "start_from": "25h", "health_records": "on",
	}), log, Options{Ready: func() {}, BatchBytes: 1_000_000, Name: "acme-audit"})
	if err != nil {
		t.Fatal(err)
	}
	p.Start(0)
	events := drain(t, p, 2)
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(events, "acme-audit") {
		t.Errorf("no health record names the input:\n%q", events)
	}
}

// A corrected token is used within seconds, without a restart.
func TestMendedToken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(simulate.New(simulate.Options{Records: 5}))
	defer server.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	log, hook := logtest.NewNullLogger()
	p, err := New(settings(t, map[string]string{
		"api_url": server.URL, "user_identifier": "admin@example.com", "api_token_file": token, "start_from": "25h",
	}), log, host)
	if err != nil {
		t.Fatal(err)
	}
	p.Start(0)
	for hook.LastEntry() == nil || !strings.Contains(hook.LastEntry().Message, "the checkpoint is kept") {
		time.Sleep(10 * time.Millisecond)
	}
	if err := os.WriteFile(token, []byte("unscoped-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	drain(t, p, 5) // within its 30 seconds: the next try would have been after 42 or more
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Every metric can be read before the start, during the run and after the end, and shows what has
// happened.
func TestMetrics(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 20, Faults: []simulate.Fault{{Kind: simulate.FaultRateLimit, Value: "1", Count: 1, After: 2}}})
	server := httptest.NewServer(sim)
	defer server.Close()
	log, _ := logtest.NewNullLogger()
	p, err := New(settings(t, map[string]string{
		"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "start_from": "25h", "token_expires": "2999-01-01",
	}), log, host)
	if err != nil {
		t.Fatal(err)
	}
	read := func() map[string]float64 {
		values := make(map[string]float64)
		for _, m := range Metrics {
			labels := m.Values
			if m.Label == "" {
				labels = []string{""}
			}
			for _, l := range labels {
				values[m.Name+l] = m.Read(p, l)
			}
		}
		return values
	}
	before := read()
	for name, v := range before {
		if v != 0 && name != "token_expires_seconds" && !strings.HasPrefix(name, "build_info") && name != "productconfluence" && name != "holds_log" {
			t.Errorf("%s is %v before the start", name, v)
		}
	}
	p.Start(0)
	drain(t, p, 20)
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := read()
	for name, least := range map[string]float64{
		"records_total": 20, "hand_over_seconds": 20, "requests_total2xx": 2, "requests_total429": 1, "rate_limit_wait_seconds_total": 0.5,
		"newest_record_timestamp_seconds": 1e9, "token_expires_seconds": 1e9,
	} {
		if after[name] < least {
			t.Errorf("%s is %v in the end, want at least %v", name, after[name], least)
		}
	}
}

// While Fluent Bit takes nothing, fluent-bit is the only cause of failure.
func TestFailingForTheHost(t *testing.T) {
	t.Parallel()
	p := &Pipeline{stats: new(collect.Stats)}
	failing := Metrics[slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == "failing" })]
	for _, stuck := range []bool{true, false} {
		p.HostStuck(stuck)
		for _, cause := range failing.Values {
			if got := failing.Read(p, cause); got != truth(stuck && cause == CauseFluentBit) {
				t.Errorf("stuck %v: failing for %s is %v", stuck, cause, got)
			}
		}
	}
}

// Reading the metrics, once a second for each input, allocates nothing.
func TestMetricsTakeNoMemory(t *testing.T) {
	client, err := confluence.New(atlassian.Options{APIURL: "https://acme.example", UserIdentifier: "u", APIToken: atlassian.NewSecret("t")})
	if err != nil {
		t.Fatal(err)
	}
	p := &Pipeline{stats: new(collect.Stats), client: client}
	if n := testing.AllocsPerRun(10, func() {
		for i := range Metrics {
			for _, value := range Metrics[i].Values {
				Metrics[i].Read(p, value)
			}
		}
	}); n > 0 {
		t.Errorf("reading the metrics with labels takes %v allocations", n)
	}
}
