package simulate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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
