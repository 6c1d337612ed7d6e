package site_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"

	logtest "github.com/sirupsen/logrus/hooks/test"
)

// A site whose cloud id is blocked can still be read, and the log says what a token with scopes
// needs.
func TestTenantInfoBlocked(t *testing.T) {
	t.Parallel()
	for name, blocked := range map[string]http.HandlerFunc{
		"403": reply(403, proxyPage), "404": http.NotFound, "redirect": reply(302, "", "Location", "https://sso.example.com/"), "HTML": reply(200, "<html>no"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, hook := logtest.NewNullLogger()
			for _, works := range []bool{true, false} {
				c := scenario{Options: with(cloud, func(o *atlassian.Options) { o.Log = logger }), handler: func(w http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasPrefix(r.URL.Path, "/_edge/"):
						blocked(w, r)
					case works && r.URL.Path == "/wiki/rest/api/audit":
						accepting(basicAuth)(w, r)
					default:
						reply(401, "")(w, r)
					}
				}}.start(t)
				site, err := c.Connect(t.Context())
				switch {
				case works && (err != nil || site.Deployment != atlassian.DeploymentCloud || site.CloudID != ""):
					t.Errorf("site %+v, error %v", site, err)
				case works && !strings.Contains(hook.LastEntry().Message, "set cloud_id"):
					t.Errorf("log %q", hook.LastEntry().Message)
				case !works && (atlassian.CauseOf(err) != atlassian.CauseCredentials || !strings.Contains(err.Error(), "if the token has scopes, set cloud_id")):
					t.Errorf("error %v", err)
				}
			}
		})
	}
}

// "There is no Confluence" is an outage if records were read there before.
func TestAwayIsNoVerdict(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		Options atlassian.Options
		handler http.HandlerFunc
	}{
		"Cloud":       {cloud, cloudSite(once(reply(200, emptyPage), http.NotFound), http.NotFound)},
		"Cloud, all":  {cloud, onceSite(cloudSite(reply(200, emptyPage), mismatch), http.NotFound)},
		"Data Center": {center, onceSite(centerAt("", &centerLog{Me: known}, true), http.NotFound)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scenario{Options: tt.Options, handler: tt.handler}.start(t)
			if _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 3 { // with the endpoint found, and while it is looked for again
				err := read(t.Context(), c)
				var e *atlassian.Error
				if !errors.As(err, &e) || e.Cause != atlassian.CauseAPIAway || !e.Temporary() || !strings.Contains(err.Error(), "records could be read there before") {
					t.Errorf("error %v", err)
				}
			}
		})
	}
}

// onceSite answers as one site until the first request for records, and then as another.
func onceSite(first, then http.HandlerFunc) http.HandlerFunc {
	gone := make(chan struct{}, 1)
	return func(w http.ResponseWriter, r *http.Request) {
		if len(gone) > 0 {
			then(w, r)
			return
		}
		first(w, r)
		if strings.HasSuffix(r.URL.Path, "/audit") || strings.HasSuffix(r.URL.Path, "/events") {
			gone <- struct{}{}
		}
	}
}

// A site whose records were read from the auditing API is never read from the old one, although
// that answers while the app of the auditing API has not started.
func TestStateKeepsItsAPI(t *testing.T) {
	t.Parallel()
	late := centerAt("", &centerLog{Legacy: true}, false)
	c := scenario{Options: atlassian.Options{APIURL: "http://wiki.example.com"}, handler: late}.start(t)
	c.HasWorked("auditing")
	if _, err := c.Connect(t.Context()); atlassian.CauseOf(err) != atlassian.CauseAPIAway {
		t.Errorf("error %v", err)
	}
	c = scenario{Options: atlassian.Options{APIURL: "http://wiki.example.com"}, handler: late}.start(t)
	c.HasWorked("legacy")
	if site, err := c.Connect(t.Context()); err != nil || site.API != "legacy" {
		t.Errorf("site %+v, error %v", site, err)
	}
}
