package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"

	"github.com/google/go-cmp/cmp"
)

// checked returns what Check reports, one line for each step.
func checked(t *testing.T, c *Client) []string {
	t.Helper()
	var lines []string
	c.Check(t.Context(), func(s Step) {
		line := fmt.Sprintf("%s: %s", s.Name, s.Status)
		if s.Detail != "" {
			line += ", " + s.Detail
		}
		if s.Err != nil {
			line += " [" + string(s.Err.Cause) + "]"
		}
		lines = append(lines, line)
	})
	return lines
}

func TestCheck(t *testing.T) {
	t.Parallel()
	withLog := func(records ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/retention") {
				fmt.Fprint(w, `{"number":1,"units":"YEARS"}`)
				return
			}
			(&auditLog{Records: records}).ServeHTTP(w, r)
		}
	}
	tests := []struct {
		name    string
		Options atlassian.Options
		handler http.HandlerFunc
		want    []string
		skipped int // steps after the last of want, which failed
	}{
		{"cloud", cloud, cloudSite(withLog(auditRecord(0, "x")), mismatch), []string{
			"address: ok, http://acme.atlassian.net",
			"deployment: ok, Confluence Cloud",
			"cloud id: ok, " + testCloudID,
			"route: ok, site http://acme.atlassian.net/wiki/rest/api/audit",
			"credential: ok, e-mail and API token accepted",
			"permission: ok, may read the audit log",
			"retention: ok, 365 days",
			"newest record: ok, 2023-11-14T22:13:20Z",
			"coverage: skip, Cloud has no such setting",
			"clock: ok, agrees with the server's",
		}, 0},
		{"empty is not broken", cloud, cloudSite(withLog(), mismatch), []string{
			"address: ok, http://acme.atlassian.net",
			"deployment: ok, Confluence Cloud",
			"cloud id: ok, " + testCloudID,
			"route: ok, site http://acme.atlassian.net/wiki/rest/api/audit",
			"credential: skip, not refused; an empty audit log does not tell whether it was accepted",
			"permission: skip, not refused; an empty audit log does not tell whether it may be read",
			"retention: ok, 365 days",
			"newest record: warn, there is none, as far as this account sees: if there should be one, see that audit logging is on and that the account is a Confluence administrator",
			"coverage: skip, Cloud has no such setting",
			"clock: ok, agrees with the server's",
		}, 0},
		{"data center", atlassian.Options{APIURL: "http://wiki.example.com/docs", PersonalAccessToken: atlassian.NewSecret("pat")},
			centerAt("/docs", &centerLog{Me: known, Records: []string{centerRecord(0, "a", "b")}}, true), []string{
				"address: ok, http://wiki.example.com/docs",
				"deployment: ok, Confluence Data Center 8.5.3",
				"cloud id: skip, Data Center has none",
				"route: ok, site http://wiki.example.com/docs/rest/auditing/1.0/events",
				"credential: ok, personal access token accepted for name-of-me",
				"permission: ok, may read the audit log",
				"retention: skip, the server does not say",
				"newest record: ok, 2023-11-14T22:13:20Z",
				"coverage: skip, the server does not say",
				"clock: ok, agrees with the server's",
			}, 0},
		{"wrong token", cloud, cloudSite(reply(401, ""), mismatch), []string{
			"address: ok, http://acme.atlassian.net",
			"deployment: ok, Confluence Cloud",
			"cloud id: ok, " + testCloudID,
			"route: skip, not known until a credential is accepted; tried site and gateway",
			"credential: fail, acme.atlassian.net refused the e-mail and API token [credentials]",
		}, 5},
		{"no administrator", cloud, cloudSite(reply(403, `{"message":"administrators only"}`), mismatch), []string{
			"address: ok, http://acme.atlassian.net",
			"deployment: ok, Confluence Cloud",
			"cloud id: ok, " + testCloudID,
			"route: ok, site http://acme.atlassian.net/wiki/rest/api/audit",
			"credential: ok, accepted",
			"permission: fail, the account may not read the audit log of acme.atlassian.net [not-administrator]",
		}, 4},
		{"wrong address", atlassian.Options{APIURL: "http://wiki.example.com"}, http.NotFound, []string{
			"address: ok, http://wiki.example.com",
			"deployment: fail, wiki.example.com has no audit log API [wrong-address]",
		}, 8},
		{"fails late", cloud, cloudSite(once(withLog(), func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/retention") {
				reply(500, "")(w, r)
				return
			}
			reply(401, "")(w, r)
		}), mismatch), []string{
			"address: ok, http://acme.atlassian.net",
			"deployment: ok, Confluence Cloud",
			"cloud id: ok, " + testCloudID,
			"route: ok, site http://acme.atlassian.net/wiki/rest/api/audit",
			"credential: ok, e-mail and API token accepted",
			"permission: ok, may read the audit log",
			"retention: warn, acme.atlassian.net has an internal error [server-error]",
			"newest record: fail, acme.atlassian.net refuses the e-mail and API token, which it accepted before [expired]",
		}, 2},
		{"unreachable", cloud, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}, []string{
			"address: fail, the connection to acme.atlassian.net broke (EOF) [network]",
		}, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := scenario{Options: tt.Options, handler: tt.handler}.start(t)
			want := tt.want
			for _, name := range site.Steps()[len(site.Steps())-tt.skipped:] {
				failed, _, _ := strings.Cut(tt.want[len(tt.want)-1], ":")
				want = append(want, fmt.Sprintf("%s: skip, not checked: %s comes first", name, failed))
			}
			if diff := cmp.Diff(want, checked(t, c)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}
