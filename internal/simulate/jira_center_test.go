package simulate_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

func TestJiraDataCenterPagesHoldWhatExists(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Deployment: simulate.DataCenter, Seed: 7, Records: 500, Twins: 0.2})
	query := "limit=7&to=" + url.QueryEscape(time.Now().UTC().Add(-time.Millisecond).Format(time.RFC3339Nano))
	existing := s.existing()
	if diff := cmp.Diff(existing, s.readEvents(t, query)); diff != "" {
		t.Error(diff)
	}
}

func TestJiraDataCenterRecordsHaveTheOddShapes(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Deployment: simulate.DataCenter, Records: 3000})
	all := strings.Join(s.existing(), "\n")
	for _, part := range []string{
		`"author":{"name":"aokafor","type":"ApplicationUser","id":"10001","uri":"https://jira.example.com/secure/ViewProfile.jspa?name=aokafor","avatarUri":""}`,
		`"author":{"name":"Anonymous","type":"user","id":"-2","avatarUri":""}`,
		`"id":"JIRAUSER10001"`, `"type":"PROJECT_ROLE"`, `"node":"node-1"`, `"method":"System","source":""`, `"source":"192.0.2.200,10.0.0.4"`,
		`{"nameI18nKey":"atlassian.audit.event.attribute.forwarder","name":"Load balancer/proxy IP address","value":"10.0.0.4"}`,
		`"actionI18nKey":"issuenav.jqlsearch.performed"`, `"nameI18nKey":"issuenav.jqlsearch.query"`,
		`"actionI18nKey":"Board created","action":"Board created"`, `"actionI18nKey":"jira.auditing.user.added.to.group"`,
	} {
		if !strings.Contains(all, part) {
			t.Errorf("no %s", part)
		}
	}
	for _, part := range []string{"audit.logging.", `"type":"Group"`, "viewuser.action"} {
		if strings.Contains(all, part) {
			t.Errorf("%s is Confluence's", part)
		}
	}
}

func TestJiraDataCenterIntroducesItself(t *testing.T) {
	t.Parallel()
	now := simulate.Options{Product: simulate.Jira, Deployment: simulate.DataCenter, ContextPath: "/jira"}
	old := now
	old.Legacy = true
	current, legacy := start(t, now), start(t, old)
	for _, c := range []struct {
		site   *site
		path   string
		signIn func(*http.Request)
		status int
		part   string
	}{
		{current, "/jira/rest/applinks/1.0/manifest", nobody, 200, "<name>Jira</name><typeId>jira</typeId><version>9.12.15</version>"},
		{current, "/jira/login.jsp", nobody, 200, `name="ajs-version-number" content="9.12.15"`},
		{current, "/jira/login.action", nobody, 404, ""},
		{current, "/jira/", nobody, 302, ""},
		{current, "/jira/status", nobody, 200, `{"state":"RUNNING"}`},
		{current, "/jira/rest/api/2/myself", basic("admin", "password"), 200, `"key":"JIRAUSER10000","name":"admin"`},
		{current, "/jira/rest/api/2/myself", bearer("personal-access-token"), 200, `"key":"JIRAUSER10000","name":"admin"`},
		{current, "/jira/rest/api/2/myself", nobody, 401, ""},
		{current, "/jira/rest/auditing/1.0/configuration/coverage", basic("admin", "password"), 200, `{"levelByArea":{`},
		{current, "/jira/rest/api/2/auditing/record", basic("admin", "password"), 404, ""},
		{current, "/jira/rest/auditing/1.0/events?from=1", basic("admin", "password"), 400, `[{"errors":[{"key":"from","message":"from must be an ISO 8601 date time"}],"message":"from must`},
		{current, "/jira/rest/auditing/1.0/events", basic("admin", "x"), 401, "AUTHENTICATED_FAILED"},
		{legacy, "/jira/rest/applinks/1.0/manifest", nobody, 200, "<typeId>jira</typeId><version>8.5.19</version>"},
		{legacy, "/jira/rest/auditing/1.0/events", basic("admin", "password"), 404, ""},
		{legacy, "/jira/rest/api/2/auditing/record", basic("admin", "x"), 401, ""},
		{legacy, "/jira/rest/api/2/auditing/record", basic("admin", "password"), 200, `"records":[]`},
	} {
		g := c.site.do(t, http.MethodGet, c.path, "", c.signIn)
		if g.status != c.status || !strings.Contains(g.body, c.part) {
			t.Errorf("%s: %d %s", c.path, g.status, g.body)
		}
		for name := range g.header {
			if strings.Contains(name, "Confluence") {
				t.Errorf("%s answers with %s", c.path, name)
			}
		}
	}
}

func TestLegacyJiraNamesNoAccount(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Deployment: simulate.DataCenter, Legacy: true, Records: 200})
	page := decode[jiraPage](t, s.get(t, "/rest/api/2/auditing/record"))
	all := ""
	for _, r := range page.Records {
		all += string(r)
		var record jiraRecord
		if err := json.Unmarshal(r, &record); err != nil || !strings.HasSuffix(record.Created, "Z") {
			t.Fatalf("created %q, %v", record.Created, err)
		}
	}
	if strings.Contains(all, "authorAccountId") || !strings.Contains(all, `"authorKey":"aokafor"`) {
		t.Error("authors of Cloud")
	}
}

func TestJiraDataCenterRecordsItsSearches(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Deployment: simulate.DataCenter, ContextPath: "/jira"})
	s.get(t, "/jira"+dcPath)
	second := decode[eventsPage](t, s.get(t, "/jira"+dcPath))
	if len(second.Entities) != 1 {
		t.Fatalf("%d events after one search, want 1", len(second.Entities))
	}
	for _, part := range []string{
		`"actionI18nKey":"atlassian.audit.event.action.audit.search"`, `"name":"Results returned","value":"0"`, `"system":"https://jira.example.com/jira"`,
		`"author":{"name":"admin","type":"ApplicationUser","id":"10000","uri":"https://jira.example.com/jira/secure/ViewProfile.jspa?name=admin","avatarUri":""}`,
	} {
		if !strings.Contains(string(second.Entities[0]), part) {
			t.Errorf("no %s in %s", part, second.Entities[0])
		}
	}
}

// Rows appear 1 to 10 s late, and get their ids when they do, however often a client looks.
func TestRowsOfJiraDataCenterAppearOutOfOrder(t *testing.T) {
	t.Parallel()
	o := simulate.Options{Product: simulate.Jira, Deployment: simulate.DataCenter, Rate: 2, Late: 0.5, Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}}}
	cursors := func(look time.Duration) (all []string) {
		synctest.Test(t, func(t *testing.T) {
			sim := simulate.New(o)
			end := time.Now().Add(5 * time.Minute)
			for time.Now().Before(end) {
				time.Sleep(look)
				sim.Summary()
			}
			late := 0
			for r := range sim.Records() {
				if lag := r.Visible.Sub(r.Time); lag != 0 && (lag < time.Second || lag > 10*time.Second+time.Millisecond) {
					t.Fatalf("%s appears %v late", r.Serial, lag)
				} else if lag > 0 {
					late++
				}
			}
			if late < 200 {
				t.Errorf("%d late rows", late)
			}
			for query := "?limit=1"; query != ""; {
				w := recorder(t, sim, http.MethodGet, dcPath+query, basic("admin", "password"))
				var page eventsPage
				if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
					t.Fatal(err)
				}
				query = ""
				if cursor := page.PagingInfo.NextPageCursor; cursor != "" {
					all = append(all, cursor)
					query = "?limit=1&pageCursor=" + cursor
				}
			}
		})
		return all
	}
	often := cursors(time.Second)
	if diff := cmp.Diff(often, cursors(5*time.Minute)); diff != "" {
		t.Error(diff)
	}
	disorder := 0
	for i := 1; i < len(often); i++ {
		_, newer, _ := strings.Cut(often[i-1], ",")
		_, older, _ := strings.Cut(often[i], ",")
		if len(older) > len(newer) || len(older) == len(newer) && older > newer {
			disorder++
		}
	}
	if disorder < 50 {
		t.Errorf("%d of %d ids are out of order", disorder, len(often))
	}
}
