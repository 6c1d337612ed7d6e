package simulate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

const (
	orgsPath   = "/admin/v1/orgs"
	orgPath    = orgsPath + "/22222222-3333-4444-8555-666666666666"
	streamPath = orgPath + "/events-stream"
)

type streamPage struct {
	Data []json.RawMessage
	Meta struct {
		Next *string
	}
	Links struct {
		Next *string
	}
}

type orgEvent struct {
	ID         string
	Type       string
	Attributes struct {
		Time, ProcessedAt time.Time
		Action            string
		Actor             struct{ ID, Name, Email string }
		Context           *[]json.RawMessage
		Location          *struct{ IP string }
	}
	Message struct{ Content string }
}

func startOrganization(t testing.TB, o simulate.Options) *site {
	o.Product = simulate.Organization
	s := start(t, o)
	s.signIn = bearer("org-key")
	return s
}

func (s *site) stream(t testing.TB, query string) (page streamPage, events []orgEvent) {
	t.Helper()
	page = decode[streamPage](t, s.get(t, streamPath+"?"+query))
	for _, raw := range page.Data {
		var e orgEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		events = append(events, e)
	}
	return page, events
}

// walk reads the stream until a page is empty.
func (s *site) walk(t testing.TB, query string) (events []orgEvent, last streamPage) {
	t.Helper()
	for next := query; ; next = "limit=100&cursor=" + *last.Meta.Next {
		var page []orgEvent
		last, page = s.stream(t, next)
		if events = append(events, page...); len(page) == 0 {
			return events, last
		}
	}
}

// The stream has every event once, in the order of processing; their times go back and forth.
func TestStreamIsInOrderOfProcessing(t *testing.T) {
	t.Parallel()
	s := startOrganization(t, simulate.Options{Seed: 7, Records: 1000, Twins: 0.1})
	events, last := s.walk(t, "limit=100")
	if last.Meta.Next == nil {
		t.Error("no cursor at the end")
	}
	ids, backward := map[string]bool{}, 0
	for i, e := range events {
		ids[e.ID] = true
		if i > 0 && e.Attributes.ProcessedAt.Before(events[i-1].Attributes.ProcessedAt) {
			t.Fatalf("event %d was processed before the one before it", i)
		}
		if i > 0 && e.Attributes.Time.Before(events[i-1].Attributes.Time) {
			backward++
		}
		if e.Attributes.Time.After(e.Attributes.ProcessedAt) {
			t.Fatalf("event %d was processed before its time", i)
		}
	}
	if len(events) != 1000 || len(ids) != 1000 || backward < 20 {
		t.Errorf("%d events, %d ids, %d times go back", len(events), len(ids), backward)
	}
	if _, page := s.stream(t, "sortOrder=desc&limit=3"); page[0].ID != events[999].ID || page[2].ID != events[997].ID {
		t.Error("the descending page is not the end of the stream")
	}
	if _, page := s.stream(t, ""); len(page) != 200 {
		t.Errorf("a page of %d events without a limit", len(page))
	}
	from := events[500].Attributes.ProcessedAt
	if _, page := s.stream(t, "limit=1&from="+strconv.FormatInt(from.UnixMilli(), 10)); page[0].Attributes.ProcessedAt.Before(from) {
		t.Errorf("the first event from %v is of %v", from, page[0].Attributes.ProcessedAt)
	}
}

// A cursor of the end goes on with what is new, late events among it.
func TestStreamGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate.New(simulate.Options{Product: simulate.Organization, Records: 10, Rate: 1, Late: 0.3, LateBy: time.Hour})
		ask := func(query string) (page streamPage) {
			r := httptest.NewRequest(http.MethodGet, streamPath+"?"+query, nil)
			bearer("org-key")(r)
			w := httptest.NewRecorder()
			sim.ServeHTTP(w, r)
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
				t.Fatal(w.Code, w.Body, err)
			}
			return page
		}
		page, seen, late := ask("limit=500"), map[string]bool{}, 0
		for range 40 {
			page = ask("limit=500&cursor=" + *page.Meta.Next)
			for _, raw := range page.Data {
				var e orgEvent
				_ = json.Unmarshal(raw, &e)
				if seen[e.ID] {
					t.Fatal("an event comes twice")
				}
				seen[e.ID] = true
				if e.Attributes.ProcessedAt.Sub(e.Attributes.Time) > time.Minute {
					late++
				}
			}
			time.Sleep(time.Minute)
		}
		if len(seen) < 1500 || late < 50 {
			t.Errorf("%d new events, %d of them late", len(seen), late)
		}
	})
}

func TestStreamFaults(t *testing.T) {
	t.Parallel()
	s := startOrganization(t, simulate.Options{Records: 300})
	first, events := s.stream(t, "limit=100")
	resumed := "limit=100&cursor=" + *first.Meta.Next
	set := func(f simulate.Fault) {
		if err := s.SetFaults(f); err != nil {
			t.Fatal(err)
		}
	}
	set(simulate.Fault{Kind: simulate.FaultCursorExpired})
	if g := s.get(t, streamPath+"?"+resumed); g.status != http.StatusBadRequest || !strings.Contains(g.body, "INVALID_PAGE_CURSOR") {
		t.Errorf("an expired cursor gets %d %s", g.status, g.body)
	}
	set(simulate.Fault{Kind: simulate.FaultCursorExpired, Value: "404"})
	if g := s.get(t, streamPath+"?"+resumed); g.status != http.StatusNotFound || strings.Contains(g.body, "ursor") {
		t.Errorf("an expired cursor gets %d %s", g.status, g.body)
	}
	set(simulate.Fault{Kind: simulate.FaultLimitRefused})
	if g := s.get(t, streamPath+"?limit=201"); g.status != http.StatusBadRequest {
		t.Errorf("a page of 201 gets %d", g.status)
	}
	if _, page := s.stream(t, "limit=200"); len(page) != 200 {
		t.Errorf("a page of 200 has %d", len(page))
	}
	set(simulate.Fault{Kind: simulate.FaultEndSame})
	if page, rest := s.stream(t, "limit=500&cursor="+*first.Meta.Next); len(rest) != 200 || *page.Meta.Next != *first.Meta.Next {
		t.Error("the cursor at the end is not that which has led there")
	}
	set(simulate.Fault{Kind: simulate.FaultCursorDead})
	if page, rest := s.stream(t, resumed); len(rest) != 0 || *page.Meta.Next != *first.Meta.Next {
		t.Errorf("a dead cursor leads to %d events", len(rest))
	}
	set(simulate.Fault{Kind: simulate.FaultNextNone})
	if page, _ := s.stream(t, resumed); page.Meta.Next != nil || page.Links.Next != nil {
		t.Error("a page has a cursor")
	}
	set(simulate.Fault{Kind: simulate.FaultNextAbsolute})
	if page, _ := s.stream(t, resumed); page.Meta.Next != nil || page.Links.Next == nil || !strings.Contains(*page.Links.Next, "cursor=") {
		t.Error("the cursor is not in the link only")
	}
	set(simulate.Fault{Kind: simulate.FaultRepeatPage})
	if _, page := s.stream(t, resumed); page[0].ID != events[0].ID {
		t.Error("the page is not the first one")
	}
	set(simulate.Fault{Kind: simulate.FaultNoProcessed})
	if _, page := s.stream(t, ""); !page[0].Attributes.ProcessedAt.IsZero() || page[0].Attributes.Time.IsZero() {
		t.Errorf("an event with %+v", page[0].Attributes)
	}
	set(simulate.Fault{Kind: simulate.FaultCursorStuck})
	if page, _ := s.stream(t, resumed); *page.Meta.Next != *first.Meta.Next {
		t.Error("the cursor is not stuck")
	}
	set(simulate.Fault{Kind: simulate.FaultRepeat, Value: "3"})
	if _, page := s.stream(t, resumed); len(page) != 103 || page[0].ID != events[97].ID {
		t.Errorf("a page of %d with repeats", len(page))
	}
	set(simulate.Fault{Kind: simulate.FaultEndNull})
	page, _ := s.stream(t, "sortOrder=desc&limit=500")
	if end, _ := s.stream(t, "limit=5&cursor="+*page.Meta.Next); end.Meta.Next != nil {
		t.Error("a cursor at the end")
	}
	set(simulate.Fault{Kind: simulate.FaultFilterTime})
	from := events[50].Attributes.Time
	_, rest := s.stream(t, "limit=500&from="+strconv.FormatInt(from.UnixMilli(), 10))
	for _, e := range rest {
		if e.Attributes.Time.Before(from) {
			t.Fatalf("an event of %v from %v", e.Attributes.Time, from)
		}
	}
	for _, query := range []string{"limit=0", "limit=501", "from=yesterday", "from=2026-11-25T00:00:00.000Z", "from=1", "sortOrder=random", "cursor=nonsense"} {
		if g := s.get(t, streamPath+"?"+query); g.status != http.StatusBadRequest {
			t.Errorf("%s gets %d", query, g.status)
		}
	}
}

func TestKeysOfAnOrganization(t *testing.T) {
	t.Parallel()
	s := startOrganization(t, simulate.Options{Records: 5})
	keys := "/admin/api-access/v1/orgs/22222222-3333-4444-8555-666666666666/api-keys"
	for _, tt := range []struct {
		name, path string
		signIn     func(*http.Request)
		fault      simulate.FaultKind
		status     int
		body       string
	}{
		{"a token of a site", streamPath, basic("admin@example.com", "unscoped-token"), "", 401, "Unauthorized"},
		{"a wrong key", streamPath, bearer("wrong"), "", 401, "Unauthorized"},
		{"an unknown organization", orgsPath + "/x/events-stream", s.signIn, "", 404, "Organization not found"},
		{"no Guard", streamPath, s.signIn, simulate.FaultEntitlement, 403, "Audit Log Entitlement validation failed"},
		{"a wrong scope", streamPath, s.signIn, simulate.FaultScope, 401, "scope does not match"},
		{"a key of one organization sees none", orgsPath, s.signIn, "", 200, `"data":[]`},
		{"the administrator's sees it", orgsPath, bearer("admin-key"), "", 200, "22222222-3333"},
		{"the expiry", keys, bearer("admin-key"), "", 200, "expiresAt"},
		{"no scope for the expiry", keys, s.signIn, "", 403, "scope does not match"},
		{"the actions", orgPath + "/event-actions", s.signIn, "", 200, "user_login"},
	} {
		var faults []simulate.Fault
		if tt.fault != "" {
			faults = append(faults, simulate.Fault{Kind: tt.fault})
		}
		if err := s.SetFaults(faults...); err != nil {
			t.Fatal(err)
		}
		if g := s.do(t, http.MethodGet, tt.path, "", tt.signIn); g.status != tt.status || !strings.Contains(g.body, tt.body) {
			t.Errorf("%s: %d %s", tt.name, g.status, g.body)
		}
	}
}

func TestLimitsOfAnOrganization(t *testing.T) {
	t.Parallel()
	s := startOrganization(t, simulate.Options{Records: 5})
	for n := range 50 {
		if g := s.get(t, streamPath); g.status != http.StatusOK {
			t.Fatalf("request %d gets %d", n, g.status)
		}
	}
	if g := s.get(t, streamPath); g.status != http.StatusTooManyRequests || g.header.Get("Retry-After") == "" {
		t.Errorf("request 51 gets %d", g.status)
	}
	for range 10 {
		s.get(t, orgsPath)
	}
	if g := s.get(t, orgPath+"/event-actions"); g.status != http.StatusTooManyRequests {
		t.Errorf("request 61 of the user gets %d", g.status)
	}
}

// All shapes that were seen are there.
func TestShapesOfEvents(t *testing.T) {
	t.Parallel()
	s := startOrganization(t, simulate.Options{Records: 500})
	events, _ := s.walk(t, "limit=500")
	seen := map[string]bool{}
	for _, e := range events {
		a := e.Attributes
		seen["no context"] = seen["no context"] || a.Context == nil
		seen["empty context"] = seen["empty context"] || a.Context != nil && len(*a.Context) == 0
		seen["no location"] = seen["no location"] || a.Location == nil
		seen["empty address"] = seen["empty address"] || a.Location != nil && a.Location.IP == ""
		seen["e-mail that is none"] = seen["e-mail that is none"] || a.Actor.Email == "Atlassian app"
		seen["24 digits"] = seen["24 digits"] || len(a.Actor.ID) == 24
		seen[a.Action] = true
		if !strings.Contains(e.Message.Content, "SIM-") || e.Type != "events" {
			t.Fatalf("%+v", e)
		}
	}
	for _, shape := range []string{"no context", "empty context", "no location", "empty address", "e-mail that is none", "24 digits",
		"confluence_audit_record_removed_content_restriction", "user_logged_in_as_user"} {
		if !seen[shape] {
			t.Errorf("no event with %s", shape)
		}
	}
}

// An organization stands beside the products of a site, at one address.
func TestOrganizationBesideASite(t *testing.T) {
	t.Parallel()
	play := func(product string) *simulate.Simulator {
		return simulate.New(simulate.Options{Product: product, Records: 3})
	}
	server := httptest.NewServer(simulate.WithOrganization(simulate.Site(play(simulate.Confluence), play(simulate.Jira)), play(simulate.Organization)))
	t.Cleanup(server.Close)
	s := &site{url: server.URL}
	for path, signIn := range map[string]func(*http.Request){streamPath: bearer("org-key"), jiraPath: basic("admin@example.com", "unscoped-token")} {
		if g := s.do(t, http.MethodGet, path, "", signIn); g.status != http.StatusOK {
			t.Errorf("%s gets %d", path, g.status)
		}
	}
	for _, product := range []string{simulate.Confluence, simulate.Jira, simulate.Organization} {
		if g := s.do(t, http.MethodGet, "/_simulate/"+product+"/summary", "", func(*http.Request) {}); !strings.Contains(g.body, fmt.Sprintf("%q", product)) {
			t.Errorf("%s: %s", product, g.body)
		}
	}
}
