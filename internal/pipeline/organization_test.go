package pipeline

import (
	"context"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/organization"
)

// organizationPipeline returns a pipeline that reads a simulated organization.
func organizationPipeline(t *testing.T, url string, keys map[string]string) (*Pipeline, *logtest.Hook, error) {
	t.Helper()
	all := map[string]string{"product": "organization", "api_url": url, "start_from": "25h", "poll_interval": "1s"}
	maps.Copy(all, keys)
	log, hook := logtest.NewNullLogger()
	p, err := New(settings(t, all), log, host)
	return p, hook, err
}

// The events of an organization are delivered once, also after a restart. What is mirrored can be
// left out.
func TestOrganization(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Product: simulate.Organization, Records: 100})
	server := httptest.NewServer(sim)
	defer server.Close()
	mirrored := 0
	for r := range sim.Records() {
		if strings.Contains(string(r.JSON), "_audit_record_") {
			mirrored++
		}
	}
	if mirrored == 0 {
		t.Fatal("nothing is mirrored")
	}
	const id = "22222222-3333-4444-8555-666666666666"
	for _, tt := range []struct {
		mirrored string
		want     int
	}{{"on", 100}, {"off", 100 - mirrored}} {
		keys := map[string]string{"org_id": id, "api_key": "org-key", "mirrored": tt.mirrored, "db": filepath.Join(t.TempDir(), "state.db")}
		for run := range 2 {
			p, _, err := organizationPipeline(t, server.URL, keys)
			if err != nil {
				t.Fatal(err)
			}
			p.Start(0)
			if run == 0 {
				events := drain(t, p, tt.want)
				if d := p.lags.distribution(); d.Count() != uint64(tt.want) || d.Sum <= 0 {
					t.Errorf("mirrored %s: the processing of %d events took %v s", tt.mirrored, d.Count(), d.Sum)
				}
				if !strings.Contains(events, id) || strings.Contains(events, "_audit_record_") != (tt.mirrored == "on") {
					t.Errorf("mirrored %s: wrong events", tt.mirrored)
				}
			}
			for p.stats.Polled.Load() == 0 || p.client.Requests("2xx") < 2 {
				time.Sleep(time.Millisecond)
			}
			if b := p.Next(); b != nil {
				t.Errorf("run %d: %d more records", run, b.Records)
			}
			if err := p.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Without org_id the start asks for the organization. If the key does not tell, the start fails and
// says what to set.
func TestOrganizationIsFound(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(simulate.New(simulate.Options{Product: simulate.Organization, Records: 3}))
	defer server.Close()
	if _, _, err := organizationPipeline(t, server.URL, map[string]string{"api_key": "org-key"}); err == nil || !strings.Contains(err.Error(), "set org_id") {
		t.Errorf("got %v", err)
	}
	p, _, err := organizationPipeline(t, server.URL, map[string]string{"api_key": "admin-key"})
	if err != nil {
		t.Fatal(err)
	}
	p.Start(0)
	drain(t, p, 3)
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The expiry of a key that may ask for it is known without token_expires.
func TestExpiryIsAsked(t *testing.T) {
	t.Parallel()
	for key, known := range map[string]bool{"admin-key": true, "org-key": false} {
		sim := simulate.New(simulate.Options{Product: simulate.Organization, Credentials: simulate.Credentials{Expires: time.Now().Add(10 * day)}})
		server := httptest.NewServer(sim)
		defer server.Close()
		p, hook, err := organizationPipeline(t, server.URL, map[string]string{"api_key": key, "org_id": "22222222-3333-4444-8555-666666666666"})
		if err != nil {
			t.Fatal(err)
		}
		at := p.askExpiry(t.Context(), p.client.(*organization.Client), time.Time{})
		if at.IsZero() == known || (p.expires.Load() > 0) != known {
			t.Errorf("%s: expires at %s", key, at)
		}
		if known {
			go p.warnOfExpiry(t.Context())
			for hook.LastEntry() == nil || !strings.Contains(hook.LastEntry().Message, "the token expires in 10 days") {
				time.Sleep(time.Millisecond)
			}
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A new key has another expiry, which is found out without a restart.
func TestExpiryOfANewKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate.New(simulate.Options{Product: simulate.Organization, Credentials: simulate.Credentials{Expires: time.Now().Add(40*day + time.Hour)}})
		o := organization.Options{OrgID: sim.OrgID()}
		o.APIToken, o.Transport = atlassian.NewSecret("admin-key"), simulate.InMemory(sim)
		client, err := organization.New(o)
		if err != nil {
			t.Fatal(err)
		}
		log, hook := logtest.NewNullLogger()
		p := &Pipeline{log: log, client: client}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go p.warnOfExpiry(ctx)
		time.Sleep(30 * day)
		sim.SetCredentials(simulate.Credentials{Expires: time.Now().Add(20 * day)})
		time.Sleep(21*day + time.Hour) // a day after it, in which the key may not ask
		sim.SetCredentials(simulate.Credentials{Expires: time.Now().Add(300 * day)})
		time.Sleep(2 * day)
		synctest.Wait()
		got := beginnings(hook)
		want := []string{
			"the API key expires on 2000-02-10", "the token expires in 30 days", "the token expires in 14 days",
			"the API key expires on 2000-02-20", "the token expires in 20 days", "the token expires in 14 days", "the token expires in 7 days", "the token expires in 3 days",
			"the token expires in 1 day", "the token expired on 2000-02-20", "the API key expires on 2000-12-17",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if left := time.Until(time.Unix(p.expires.Load(), 0)); left < 290*day {
			t.Errorf("the metric has %v", left)
		}
	})
}

// Atlassian is asked once a day when the key expires, also if it does not tell, and after the end.
func TestExpiryIsAskedOnceADay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key     string
		expires time.Duration // from now on
	}{
		"the key may not ask": {"org-key", 300 * day},
		"it has expired":      {"admin-key", time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := simulate.New(simulate.Options{Product: simulate.Organization, Credentials: simulate.Credentials{Expires: time.Now().Add(tt.expires)}})
				o := organization.Options{OrgID: sim.OrgID()}
				o.APIToken, o.Transport = atlassian.NewSecret(tt.key), simulate.InMemory(sim)
				client, err := organization.New(o)
				if err != nil {
					t.Fatal(err)
				}
				log, _ := logtest.NewNullLogger()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go (&Pipeline{log: log, client: client}).warnOfExpiry(ctx)
				time.Sleep(10*day + time.Minute)
				synctest.Wait()
				// The end of a key is a reason to look once more.
				if n := len(sim.Requests()); n < 10 || n > 13 {
					t.Errorf("asked %d times in 10 days", n)
				}
			})
		})
	}
}

// A process goes on with the log of an organization where another one has left it, cursor included.
func TestOrganizationIsShared(t *testing.T) {
	t.Parallel()
	_, db := linked(t)
	sim := simulate.New(simulate.Options{Product: simulate.Organization, Records: 100})
	server := httptest.NewServer(sim)
	defer server.Close()
	keys := map[string]string{"org_id": "22222222-3333-4444-8555-666666666666", "api_key": "org-key", "db": db}
	for run, want := range []int{100, 5} {
		p, _, err := organizationPipeline(t, server.URL, keys)
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		drain(t, p, want)
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.stats.Records.Load(); got != int64(want) {
			t.Errorf("run %d: %d records, want %d", run, got, want)
		}
		for range 5 {
			sim.Add(simulate.Record{})
		}
	}
	if n := len(sim.Requests()); !strings.Contains(sim.Requests()[n-1].Query, "cursor=") {
		t.Error("the second process has asked without a cursor")
	}
}
