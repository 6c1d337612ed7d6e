package pipeline

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/simulate"
)

// firstFailure has a value once a line with a cause was logged.
type firstFailure chan struct{}

func (firstFailure) Levels() []logrus.Level { return logrus.AllLevels }

func (f firstFailure) Fire(line *logrus.Entry) error {
	if line.Data["cause"] != nil {
		select {
		case f <- struct{}{}:
		default:
		}
	}
	return nil
}

// A Data Center whose auditing app starts late answers 404, and has the API from before 7.5 too. A
// collector whose state came from one API waits for it: by the other API all records within the
// overlap would be delivered again, in another form.
func TestStateKeepsItsAPI(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Deployment: simulate.DataCenter, Records: 20, History: time.Minute, Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}}})
	var late atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !late.Load():
			sim.ServeHTTP(w, r)
		case r.URL.Path == "/rest/api/audit":
			fmt.Fprintf(w, `{"results":[{"creationDate":%d,"summary":"in another shape"}],"start":0,"limit":1,"size":1}`, time.Now().UnixMilli())
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	keys := map[string]string{
		"api_url": server.URL, "user_identifier": "admin", "api_token": "password", "db": filepath.Join(t.TempDir(), "state.db"),
		"deployment": "datacenter", "start_from": "2h",
	}
	run := func(between func(failure <-chan struct{}), n int) (string, *logtest.Hook) {
		log, hook := logtest.NewNullLogger()
		failure := make(firstFailure, 1)
		log.AddHook(failure)
		p, err := New(settings(t, keys), log, host)
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		between(failure)
		events := drain(t, p, n)
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		return events, hook
	}
	run(func(<-chan struct{}) {}, 20)
	late.Store(true)
	sim.Add(simulate.Record{})
	events, hook := run(func(failure <-chan struct{}) {
		select {
		case <-failure:
		case <-time.After(30 * time.Second): // only if it reads the older API
			t.Error("no failure was logged")
		}
		late.Store(false)
	}, 1)
	if strings.Contains(events, "in another shape") {
		t.Error("the older API was read")
	}
	var causes []string
	for _, entry := range hook.AllEntries() {
		if cause := entry.Data["cause"]; cause != nil {
			causes = append(causes, fmt.Sprint(cause))
		}
	}
	if strings.Join(causes, " ") != "api-away" {
		t.Errorf("causes %q, want api-away once", causes)
	}
}

// A health record reports once that the server announces the end of its API.
func TestDeprecationInStream(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(simulate.New(simulate.Options{Records: 5, Faults: []simulate.Fault{{Kind: simulate.FaultDeprecated}}}))
	defer server.Close()
	log, _ := logtest.NewNullLogger()
	p, err := New(settings(t, map[string]string{"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token",
		"start_from": "25h", "health_records": "on"}), log, host)
	if err != nil {
		t.Fatal(err)
	}
	p.Start(0)
	defer p.Stop(t.Context())
	events := drain(t, p, 5+2) // the start and the announcement
	if n := strings.Count(events, "Collector API deprecated"); n != 1 || !strings.Contains(events, "works until 2027-01-01") {
		t.Errorf("%d records of it in %q", n, events)
	}
}
