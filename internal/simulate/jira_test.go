package simulate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

const (
	jiraPath        = "/rest/api/3/auditing/record"
	jiraGatewayPath = "/ex/jira/11111111-2222-4333-8444-555555555555/rest/api/3/auditing/record"
)

type jiraPage struct {
	Offset, Limit, Total int
	Records              []json.RawMessage
}

func (s *site) jiraPage(t testing.TB, query string) jiraPage {
	t.Helper()
	return decode[jiraPage](t, s.get(t, jiraPath+"?"+query))
}

func (s *site) readJira(t testing.TB, query string, limit int) (records []string) {
	t.Helper()
	for {
		page := s.jiraPage(t, fmt.Sprintf("%s&offset=%d&limit=%d", query, len(records), limit))
		if len(page.Records) == 0 {
			return records
		}
		for _, r := range page.Records {
			records = append(records, string(r))
		}
	}
}

// jiraRecord is what the tests look at in a record of Jira.
type jiraRecord struct {
	ID                             int64
	Summary, Category, Created     string
	RemoteAddress, AuthorAccountID *string
	AuthorKey, EventSource         *string
	ObjectItem                     struct{ ID, Name, TypeName *string }
	ChangedValues                  []struct{ ChangedFrom, ChangedTo *string }
	AssociatedItems                []json.RawMessage
	Description                    string
}

func jiraRecords(t testing.TB, texts []string) (records []jiraRecord) {
	t.Helper()
	for _, text := range texts {
		var r jiraRecord
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		records = append(records, r)
	}
	return records
}

// inJira formats a time for a query, zone included.
func inJira(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func TestJiraPagesHoldWhatExists(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]simulate.Options{
		"cloud":  {Product: simulate.Jira, Seed: 7, Records: 500, Twins: 0.2},
		"legacy": {Product: simulate.Jira, Deployment: simulate.DataCenter, Legacy: true, Seed: 7, Records: 500},
	} {
		s := start(t, o)
		for _, path := range []string{"/rest/api/3/auditing/record", "/rest/api/2/auditing/record"} {
			if name == "legacy" && strings.Contains(path, "/3/") {
				if g := s.get(t, path); g.status != http.StatusNotFound {
					t.Errorf("legacy %s: %d", path, g.status)
				}
				continue
			}
			var read []string
			for {
				page := decode[jiraPage](t, s.get(t, fmt.Sprintf("%s?limit=7&offset=%d", path, len(read))))
				if page.Limit != 7 || page.Offset != len(read) || page.Total != 500 {
					t.Fatalf("%s: offset %d, limit %d, total %d", path, page.Offset, page.Limit, page.Total)
				}
				if len(page.Records) == 0 {
					break
				}
				for _, r := range page.Records {
					read = append(read, string(r))
				}
			}
			if diff := cmp.Diff(s.existing(), read); diff != "" {
				t.Errorf("%s %s: %s", name, path, diff)
			}
		}
	}
}

func TestJiraIDsRiseWithGaps(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 500, Twins: 0.3})
	newer, gaps := int64(1<<62), 0
	last := "~"
	for i, r := range jiraRecords(t, s.readJira(t, "", 100)) {
		if r.ID >= newer || r.Created > last {
			t.Fatalf("record %d has id %d of %s after %d of %s", i, r.ID, r.Created, newer, last)
		}
		if i > 0 && newer-r.ID > 1 {
			gaps++
		}
		newer, last = r.ID, r.Created
	}
	if gaps < 100 {
		t.Errorf("%d gaps among 500 ids", gaps)
	}
}

// One action makes several records, at short intervals.
func TestJiraBursts(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 400})
	last, close := time.Time{}, 0
	for _, r := range jiraRecords(t, s.readJira(t, "", 100)) {
		at, err := time.Parse("2006-01-02T15:04:05.000-0700", r.Created)
		if err != nil || !strings.HasSuffix(r.Created, "+0000") {
			t.Fatalf("created %q: %v", r.Created, err)
		}
		if last.Sub(at) == 20*time.Millisecond {
			close++
		}
		last = at
	}
	if close < 9 {
		t.Errorf("%d of 400 records lie 20 ms before the next one", close)
	}
}

func TestJiraRecordsHaveTheOddShapes(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 3000})
	texts := s.readJira(t, "", 1000)
	seen := map[string]bool{}
	for _, r := range jiraRecords(t, texts) {
		if r.EventSource == nil || *r.EventSource != "" {
			t.Fatalf("event source %v", r.EventSource)
		}
		if (r.AuthorKey == nil) != (r.AuthorAccountID == nil) {
			t.Fatalf("author key without account id, or the reverse: %+v", r)
		}
		seen["no author, no address"] = seen["no author, no address"] || r.AuthorKey == nil && r.RemoteAddress == nil
		seen["no author, but an address"] = seen["no author, but an address"] || r.AuthorKey == nil && r.RemoteAddress != nil && r.Summary == "User's password changed"
		seen["author, no address"] = seen["author, no address"] || r.AuthorKey != nil && r.RemoteAddress == nil
		seen["description"] = seen["description"] || r.Description != ""
		switch o := r.ObjectItem; *o.TypeName {
		case "GROUP":
			if o.ID != nil {
				t.Fatalf("group with id %q", *o.ID)
			}
			seen["group"] = true
		case "USER":
			if *o.ID != *o.Name || !strings.HasPrefix(*o.ID, "ug:") && !strings.HasPrefix(*o.ID, "qm:") {
				t.Fatalf("user %q named %q", *o.ID, *o.Name)
			}
			seen["user"] = true
		}
		for _, v := range r.ChangedValues {
			seen["null in quotes"] = seen["null in quotes"] || v.ChangedTo != nil && *v.ChangedTo == "null"
			seen["emptied"] = seen["emptied"] || v.ChangedFrom != nil && v.ChangedTo != nil && *v.ChangedTo == ""
			seen["no value before"] = seen["no value before"] || v.ChangedFrom == nil
		}
	}
	want := map[string]bool{}
	for _, shape := range []string{"no author, no address", "no author, but an address", "author, no address", "description", "group", "user", "null in quotes", "emptied", "no value before"} {
		want[shape] = true
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestJiraBoundsAreInclusive(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira})
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	for i := range 5 {
		s.Add(simulate.Record{Time: at.Add(time.Duration(i) * time.Millisecond)})
	}
	from, to := at.Add(time.Millisecond), at.Add(3*time.Millisecond)
	for _, layout := range []string{"2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05.000-07:00", "2006-01-02T15:04:05.000"} {
		query := url.Values{"from": {from.Format(layout)}, "to": {to.Format(layout)}}.Encode()
		if diff := cmp.Diff(s.existing()[1:4], s.readJira(t, query, 2)); diff != "" {
			t.Errorf("%s: %s", layout, diff)
		}
	}
	berlin := time.FixedZone("", 2*60*60)
	query := url.Values{"from": {from.In(berlin).Format(time.RFC3339Nano)}}.Encode()
	if diff := cmp.Diff(s.existing()[:4], s.readJira(t, query, 2)); diff != "" {
		t.Error(diff)
	}
}

func TestJiraTotalCountsTheWholeLog(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 240, Retention: 12 * time.Hour})
	whole := s.jiraPage(t, "limit=0").Total
	if whole < 115 || whole > 125 {
		t.Fatalf("total %d of 240 records, half of which are too old", whole)
	}
	hour := inJira(time.Now().Add(-time.Hour))
	now := inJira(time.Now())
	for query, most := range map[string]int{
		"from=" + hour:                           15,
		"to=" + inJira(time.Unix(0, 0)):          0,
		"from=" + now + "&to=" + hour:            0,
		"from=" + hour + "&to=" + hour:           0,
		"filter=no+such+text":                    0,
		"offset=1000":                            0,
		"startAt=1000&maxResults=2&since=" + now: 1000, // no such parameters
	} {
		page := s.jiraPage(t, query)
		if page.Total != whole || len(page.Records) > most || most == 1000 && len(page.Records) != whole {
			t.Errorf("%s: %d records, total %d of %d", query, len(page.Records), page.Total, whole)
		}
	}
	if g := s.get(t, jiraPath+"?offset=1000"); g.body != fmt.Sprintf(`{"offset":1000,"limit":1000,"total":%d,"records":[]}`, whole) {
		t.Errorf("beyond the end: %s", g.body)
	}
}

func TestJiraLimits(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 1500})
	for query, want := range map[string]int{"": 1000, "limit=5000": 1000, "limit=3": 3} {
		if page := s.jiraPage(t, query); page.Limit != want || len(page.Records) != want {
			t.Errorf("%q: limit %d, %d records", query, page.Limit, len(page.Records))
		}
	}
	if page := start(t, simulate.Options{Product: simulate.Jira, Records: 300, PageCap: 100}).jiraPage(t, ""); page.Limit != 100 || len(page.Records) != 100 {
		t.Errorf("capped: limit %d, %d records", page.Limit, len(page.Records))
	}
}

func TestJiraFilterWantsEachWord(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 2000})
	for _, r := range jiraRecords(t, s.readJira(t, "filter=man+ed", 100)) {
		if !strings.Contains(r.Category, "management") {
			t.Fatalf("man ed found %+v", r)
		}
	}
	if n := len(s.readJira(t, "filter=MAN+ed", 100)); n == 0 || n == 2000 {
		t.Errorf("man ed found %d of 2000", n)
	}
	// names of members are no text
	if found := s.readJira(t, "filter=authorKey", 100); len(found) != 0 {
		t.Errorf("authorKey found %s", found[0])
	}
}

func TestJiraDatesWithoutAZone(t *testing.T) {
	t.Parallel()
	from := time.Now().Add(-48 * time.Hour).UTC().Format("2006-01-02T15:04:05.000")
	for _, c := range []struct {
		path   string
		signIn func(*http.Request)
		fault  simulate.FaultKind
		from   string
		want   int
	}{
		{jiraPath, basic("admin@example.com", "unscoped-token"), "", from, 5},
		{jiraPath, basic("admin@example.com", "unscoped-token"), simulate.FaultZoneless, from, 0},
		{jiraPath, basic("admin@example.com", "unscoped-token"), simulate.FaultZoneless, from + "Z", 5},
		{jiraGatewayPath, basic("admin@example.com", "scoped-jira-token"), "", from, 0},
		{jiraGatewayPath, basic("admin@example.com", "scoped-jira-token"), "", from + "Z", 5},
		{jiraGatewayPath, basic("admin@example.com", "scoped-jira-token"), "", from + "%2B0000", 5},
	} {
		o := simulate.Options{Product: simulate.Jira, Records: 5}
		if c.fault != "" {
			o.Faults = []simulate.Fault{{Kind: c.fault}}
		}
		page := decode[jiraPage](t, start(t, o).do(t, http.MethodGet, c.path+"?from="+c.from, "", c.signIn))
		if len(page.Records) != c.want || page.Total != 5 {
			t.Errorf("%s %s from=%s: %d records, total %d", c.fault, c.path, c.from, len(page.Records), page.Total)
		}
	}
}

func TestJiraRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 5})
	for _, query := range []string{"from=yesterday", "to=1700000000000", "from=2026-01-01T00:00:00.000+0000", "offset=-1", "limit=x"} {
		if g := s.get(t, jiraPath+"?"+query); g.status != http.StatusBadRequest || !isErrorCollection(g.body) {
			t.Errorf("%s: %d %s", query, g.status, g.body)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		if g := s.do(t, method, jiraPath, `{}`, s.signIn); g.status != http.StatusMethodNotAllowed || !isErrorCollection(g.body) {
			t.Errorf("%s: %d %s", method, g.status, g.body)
		}
	}
}

// isErrorCollection returns whether a body is an error as Jira writes it.
func isErrorCollection(body string) bool {
	var e struct {
		ErrorMessages []string
		Errors        map[string]string
	}
	return json.Unmarshal([]byte(body), &e) == nil && len(e.ErrorMessages) == 1 && e.Errors != nil
}

func TestWhoMayReadJira(t *testing.T) {
	t.Parallel()
	unscoped, scoped := basic("admin@example.com", "unscoped-token"), basic("admin@example.com", "scoped-jira-token")
	robot := basic("robot@serviceaccount.atlassian.com", "service-jira-token")
	ofConfluence := basic("admin@example.com", "scoped-token")
	for name, c := range map[string]struct {
		path   string
		signIn func(*http.Request)
		fault  simulate.FaultKind
		status int
		body   string // part of it
		header string // "Name: value"
	}{
		"site unscoped":               {jiraPath, unscoped, "", 200, `"records":[{"id":`, ""},
		"site scoped":                 {jiraPath, scoped, "", 401, `"errorMessages":`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site scoped for Confluence":  {jiraPath, ofConfluence, "", 401, `"errorMessages":`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site wrong":                  {jiraPath, basic("admin@example.com", "x"), "", 401, `"errorMessages":`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site wrong, 403":             {jiraPath, basic("admin@example.com", "x"), simulate.FaultRefuse403, 403, `"errorMessages":`, ""},
		"site wrong, empty":           {jiraPath, basic("admin@example.com", "x"), simulate.FaultRefuseEmpty, 200, `"total":0,"records":[]`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site wrong, login page":      {jiraPath, basic("admin@example.com", "x"), simulate.FaultRefuseHTML, 401, `<title>Log in - Jira`, ""},
		"site nobody":                 {jiraPath, nobody, "", 401, `"errorMessages":`, "X-Seraph-Loginreason: "},
		"site unknown bearer":         {jiraPath, bearer("x"), "", 403, `Failed to parse Connect Session Auth Token`, ""},
		"site, Confluence's path":     {sitePath, unscoped, "", 404, `dead link`, ""},
		"gateway scoped":              {jiraGatewayPath, scoped, "", 200, `"records":[{"id":`, ""},
		"gateway version 2":           {strings.Replace(jiraGatewayPath, "/3/", "/2/", 1), scoped, "", 200, `"records":[{"id":`, ""},
		"gateway service account":     {jiraGatewayPath, robot, "", 200, `"records":[{"id":`, ""},
		"gateway bearer":              {jiraGatewayPath, bearer("service-jira-token"), "", 200, `"records":[{"id":`, ""},
		"gateway unscoped":            {jiraGatewayPath, unscoped, "", 401, `{"code":401,"message":"Unauthorized"}`, "X-Failure-Category: FAILURE_CLIENT_AUTH_MISMATCH"},
		"gateway nobody":              {jiraGatewayPath, nobody, "", 401, `{"code":401,"message":"Unauthorized"}`, "X-Failure-Category: FAILURE_CLIENT_AUTH_MISMATCH"},
		"gateway for Confluence":      {jiraGatewayPath, ofConfluence, "", 401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category: FAILURE_CLIENT_SCOPE_CHECK"},
		"gateway robot of Confluence": {jiraGatewayPath, bearer("service-token"), "", 401, `; scope does not match"}`, "X-Failure-Category: FAILURE_CLIENT_SCOPE_CHECK"},
		"gateway unknown cloud id":    {"/ex/jira/other" + jiraPath, scoped, "", 404, `{"code":404,`, ""},
		"gateway, Confluence's path":  {gatewayPath, scoped, "", 404, `{"code":404,`, ""},
		"not permitted":               {jiraPath, unscoped, simulate.FaultNotPermitted, 403, `not permitted to use Jira`, ""},
		"no administrator":            {jiraPath, unscoped, simulate.FaultNotAdmin, 403, `{"errorMessages":["You are not authorized to perform this action. Administrator privileges are required."],"errors":{}}`, ""},
		"free plan":                   {jiraPath, unscoped, simulate.FaultFreePlan, 403, `Free edition`, ""},
		"no Jira":                     {jiraPath, unscoped, simulate.FaultNotFound, 404, `dead link`, ""},
		"no Jira behind the gateway":  {jiraGatewayPath, scoped, simulate.FaultNotFound, 404, `{"code":404,`, ""},
		"scope":                       {jiraGatewayPath, scoped, simulate.FaultScope, 401, `scope does not match`, ""},
		"too many":                    {jiraPath, unscoped, simulate.FaultRateLimit, 429, ``, "Ratelimit-Reason: jira-burst-based"},
		"server error":                {jiraPath, unscoped, simulate.FaultServerError, 500, `"errorMessages":`, ""},
		"login page":                  {jiraPath, unscoped, simulate.FaultLoginPage, 200, `<title>Log in - Jira`, "Content-Type: text/html;charset=UTF-8"},
		"single sign-on":              {jiraPath, unscoped, simulate.FaultSSO, 302, ``, "Location: https://sso.example.net/login"},
		"deprecated":                  {jiraPath, unscoped, simulate.FaultDeprecated, 200, `"records":[{"id":`, "Deprecation: @1767225600"},
		"endless":                     {jiraPath + "?limit=2&offset=4", unscoped, simulate.FaultEndlessMoment, 200, `{"id":1099511627771,"created":"`, ""},
		"endless, untimed":            {jiraPath + "?limit=2", unscoped, simulate.FaultEndlessUntimed, 200, `"offset":0,"limit":2,"total":`, ""},
		"huge":                        {jiraPath, unscoped, simulate.FaultHuge, 200, `{"records":[{},`, ""},
		"nested":                      {jiraPath, unscoped, simulate.FaultDeepNesting, 200, `{"records":[[[[`, ""},
		"silent":                      {jiraPath + "?from=2020-01-01T00:00:00Z", unscoped, simulate.FaultSilent, 200, `"total":0,"records":[]`, ""},
		"first page again":            {jiraPath + "?offset=3", unscoped, simulate.FaultRepeatPage, 200, `{"offset":0,"limit":1000,"total":3,"records":[{`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := simulate.Options{Product: simulate.Jira, Records: 3}
			if c.fault != "" {
				o.Faults = []simulate.Fault{{Kind: c.fault}}
				if c.fault == simulate.FaultHuge || c.fault == simulate.FaultDeepNesting {
					o.Faults[0].Value = "100000"
				}
			}
			g := start(t, o).do(t, http.MethodGet, c.path, "", c.signIn)
			name, value, _ := strings.Cut(c.header, ": ")
			if g.status != c.status || !strings.Contains(g.body, c.body) || g.header.Get(name) != value {
				t.Errorf("%d %v %.300s", g.status, g.header, g.body)
			}
			if strings.HasPrefix(g.body, `{"errorMessages"`) && !isErrorCollection(g.body) {
				t.Errorf("no error of Jira: %s", g.body)
			}
		})
	}
}

func TestConfluenceKnowsTheTokensOfJira(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{})
	for _, signIn := range []func(*http.Request){basic("admin@example.com", "scoped-jira-token"), bearer("service-jira-token")} {
		g := s.do(t, http.MethodGet, gatewayPath, "", signIn)
		if g.status != 401 || g.header.Get("X-Failure-Category") != "FAILURE_CLIENT_SCOPE_CHECK" {
			t.Errorf("%d %s", g.status, g.body)
		}
	}
	if kind := s.Requests()[0].Credential; kind != "other-product-token" {
		t.Errorf("credential %q", kind)
	}
}

func TestMalformedRecordsOfJira(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Faults: []simulate.Fault{{Kind: simulate.FaultMalformed}}})
	body := s.get(t, jiraPath).body
	for _, part := range []string{`"created":null`, `{"created":"`, `{"id":"none"`, `"malformed: not an object"`, `{"epochSecond":`} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s", part)
		}
	}
	if strings.Contains(body, "creationDate") {
		t.Error("a record of Confluence")
	}
}

func TestJiraAddsRecords(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Retention: 100 * 365 * 24 * time.Hour})
	s.Add(simulate.Record{Copies: 3})
	s.Add(simulate.Record{JSON: []byte(`{"id":7,"created":"2021-12-10T12:53:37.982+0100"}`)})
	read := s.readJira(t, "", 10)
	if diff := cmp.Diff(s.existing(), read); diff != "" {
		t.Error(diff)
	}
	ids := map[int64]bool{}
	for _, r := range jiraRecords(t, read) {
		ids[r.ID] = true
	}
	if len(ids) != 4 {
		t.Errorf("%d ids of 4 records", len(ids))
	}
	for r := range s.Records() {
		if want := time.Date(2021, 12, 10, 11, 53, 37, 982e6, time.UTC); !r.Time.Equal(want) {
			t.Errorf("oldest record at %v, want %v", r.Time, want)
		}
		break
	}
}

func TestLateRecordsOfJiraHaveAnEarlyID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate.New(simulate.Options{Product: simulate.Jira, Rate: 1, Late: 0.5})
		time.Sleep(time.Hour)
		var late, last int64
		for r := range sim.Records() {
			record := jiraRecords(t, []string{string(r.JSON)})[0]
			if record.ID <= last {
				t.Fatalf("id %d after %d", record.ID, last)
			}
			if last = record.ID; r.Visible.After(r.Time) {
				late++
			}
		}
		if late < 1500 {
			t.Errorf("%d of an hour's records are late", late)
		}
	})
}

func TestSameSeedSameRecordsOfJira(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		o := simulate.Options{Product: simulate.Jira, Deployment: deployment, Seed: 3, Records: 400, Twins: 0.1, Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		first := lines(simulate.New(o).Records())
		if diff := cmp.Diff(first, lines(simulate.New(o).Records())); diff != "" {
			t.Error(diff)
		}
		o.Seed = 4
		if slices.Equal(first, lines(simulate.New(o).Records())) {
			t.Error("another seed made the same records")
		}
	}
}

// recorder asks a handler without a network.
func recorder(t testing.TB, h http.Handler, method, target string, signIn func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader("grant_type=client_credentials&client_id=client-id&client_secret=client-secret"))
	signIn(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
