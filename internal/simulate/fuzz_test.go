package simulate

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzQuery sends any query to the listings: the answer is JSON and never a server error.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"startDate=0&endDate=9223372036854775807&start=2147483648&limit=9999999999", "from=2020-01-01T00:00:00.000Z&limit=3&pageCursor=1637628276398,179", "searchString=%00&limit=0", "from=2026-01-01T00:00:00&to=2026-01-02T00:00:00.000%2B0000&offset=9223372036854775807&filter=man+ed"} {
		f.Add(seed)
	}
	cloud, dc, jira := New(Options{Records: 20}), New(Options{Deployment: DataCenter, Records: 20}), New(Options{Product: Jira, Records: 20})
	f.Fuzz(func(t *testing.T, query string) {
		for s, path := range map[*Simulator]string{cloud: "/wiki/rest/api/audit", dc: "/rest/auditing/1.0/events", jira: "/rest/api/3/auditing/record"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.URL.RawQuery = query
			r.SetBasicAuth(s.creds.User, map[*Simulator]string{cloud: "unscoped-token", dc: "password", jira: "unscoped-token"}[s])
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		}
	})
}
