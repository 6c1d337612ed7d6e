package pipeline

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
)

// address returns the address of a server until the end of the test. A site that is served twice has
// moved from one to the other.
func address(t *testing.T, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// otherSite returns a site with 5 records and a cloud id of its own.
func otherSite() *simulate.Simulator {
	return simulate.New(simulate.Options{Records: 5, CloudID: "22222222-2222-4333-8444-555555555555"})
}

// badGateway answers for a site that cannot be reached, so that it does not tell its cloud id.
var badGateway = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })

// A site with a new address is recognised by its cloud id, and nothing is delivered again. Another
// site, and one that does not tell its cloud id, are refused.
func TestMovedSite(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 20, Seed: 1})
	here, there := address(t, sim), address(t, sim)
	another, away := address(t, otherSite()), address(t, badGateway)
	db := filepath.Join(t.TempDir(), "state.db")
	open := func(url string) (*Pipeline, *logtest.Hook, error) {
		log, hook := logtest.NewNullLogger()
		p, err := New(settings(t, map[string]string{
			"api_url": url, "gateway_url": url, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "db": db, "start_from": "25h", "poll_interval": "1s",
		}), log, host)
		return p, hook, err
	}
	collect := func(url string, n int) (string, *logtest.Hook) {
		t.Helper()
		p, hook, err := open(url)
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		events := drain(t, p, n)
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.stats.Records.Load(); got != int64(n) {
			t.Errorf("%s: %d records, want %d", url, got, n)
		}
		return events, hook
	}

	collect(here, 20)
	for _, url := range []string{another, away} {
		_, _, err := open(url)
		if other, ok := errors.AsType[*state.OtherSite](err); !ok || other.Is != here || other.Want != url {
			t.Fatalf("%s: %v", url, err)
		}
		if asked := strings.Contains(err.Error(), "and did not tell"); asked != (url == away) {
			t.Errorf("%s: %v", url, err)
		}
	}
	added := sim.Add(simulate.Record{Time: time.Now()})
	events, hook := collect(there, 1)
	if !strings.Contains(events, added) {
		t.Errorf("another record than the new one has come: %q", events)
	}
	if said := hook.AllEntries()[0].Message; !strings.Contains(said, "api_url was "+here+" and is "+there+" now: the cloud id is the same") {
		t.Errorf("it is not said: %s", said)
	}
	// From then on the state belongs to the new address, and to the old one if that comes back.
	for _, url := range []string{there, here} {
		if found, err := state.Look(db); err != nil || found.Site != there {
			t.Errorf("the state is of %q, %v", found.Site, err)
		}
		sim.Add(simulate.Record{Time: time.Now()})
		collect(url, 1)
	}
}
