package site_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

// centerLog is the audit log of a Data Center.
type centerLog struct {
	mu      sync.Mutex
	records []string                 // newest first
	me      string                   // answer of /rest/api/user/current, 404 if empty
	legacy  bool                     // only the API before 7.5 is there
	onEvent func(request int) string // replaces an answer if not empty
	queries []string
	ignore  bool // it ignores dates
	newest  int  // a query lists at most so many of its newest records
	open    bool // the ends of a window are exclusive
}

func (l *centerLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.Header().Set("Retry-After", "0") // Data Center also sends it on good answers
	switch {
	case strings.HasSuffix(r.URL.Path, "/rest/api/user/current") && l.me != "":
		fmt.Fprint(w, l.me)
	case strings.HasSuffix(r.URL.Path, "/rest/auditing/1.0/events") && !l.legacy:
		l.events(w, r)
	case strings.HasSuffix(r.URL.Path, "/rest/api/audit") && l.legacy:
		l.queries = append(l.queries, r.URL.RawQuery)
		(&auditLog{records: l.records, newest: l.newest, open: l.open}).ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (l *centerLog) events(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("limit") != "1" {
		l.queries = append(l.queries, r.URL.RawQuery)
		if l.onEvent != nil {
			if answer := l.onEvent(len(l.queries) - 1); answer != "" {
				fmt.Fprint(w, answer)
				return
			}
		}
	}
	limit, start := 200, 0
	fmt.Sscan(query.Get("limit"), &limit)
	if cursor := query.Get("pageCursor"); cursor != "" {
		var ms int64
		fmt.Sscanf(cursor, "%d,%d", &ms, &start)
	}
	offset := 0
	fmt.Sscan(query.Get("offset"), &offset)
	start += offset
	var found []string
	for _, record := range l.records {
		at := centerTime(record)
		if from := query.Get("from"); !l.ignore && from != "" && at < from || !l.ignore && query.Get("to") != "" && at > query.Get("to") {
			continue
		}
		if l.open && (at == query.Get("from") || at == query.Get("to")) {
			continue
		}
		found = append(found, record)
	}
	if l.newest > 0 {
		found = found[:min(l.newest, len(found))]
	}
	start = min(start, len(found))
	end := min(start+limit, len(found))
	paging := fmt.Sprintf(`{"lastPage":true,"size":%d}`, end-start)
	if end < len(found) {
		paging = fmt.Sprintf(`{"lastPage":false,"nextPageOffset":0,"nextPageCursor":"1,%d","nextPageLink":"http://wrong.example/rest/auditing/1.0/events?offset=0","size":%d}`, end, end-start)
	}
	fmt.Fprintf(w, `{"entities":[%s],"pagingInfo":%s}`, strings.Join(found[start:end], ","), paging)
}

func centerTime(record string) string {
	_, rest, _ := strings.Cut(record, `"timestamp":"`)
	at, _, _ := strings.Cut(rest, `"`)
	return at
}

// centerRecord is a record that happened ms before epoch.
func centerRecord(ms int, action, author string) string {
	return fmt.Sprintf(`{"timestamp":%q,"author":{"name":"Name","type":"user","id":%q,"uri":"https://wiki.example.com/admin/users/viewuser.action?username=%s"},"type":{"categoryI18nKey":"audit.logging.category.auditing","category":"Auditing","actionI18nKey":%q,"action":"Something"}}`,
		Epoch.Add(-time.Duration(ms)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), author, "name-of-"+author, action)
}

const known = `{"type":"known","username":"name-of-me","userKey":"me","displayName":"Me"}`

func TestReadCursor(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 1234 {
		records = append(records, centerRecord(i/3, "audit.logging.summary.space.created", fmt.Sprint("user", i)))
	}
	for _, page := range []int{2, 7, 100, 617, 1234, 5000} {
		t.Run(fmt.Sprint(page, " a page"), func(t *testing.T) {
			t.Parallel()
			log := &centerLog{records: records, me: known}
			c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: page})
			got, err := readAll(c, Epoch.Add(-100*time.Millisecond), Epoch.Add(-2*time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(records[6:303], got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			for _, query := range log.queries {
				// One millisecond more at either end, which may be exclusive.
				if !strings.Contains(query, "from=2023-11-14T22%3A13%3A19.899Z") || !strings.Contains(query, "to=2023-11-14T22%3A13%3A19.999Z") {
					t.Fatalf("query %s", query)
				}
			}
		})
	}
}

func TestReadLegacy(t *testing.T) {
	t.Parallel()
	log := &centerLog{records: auditRecords(50), legacy: true, me: known}
	c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: 20})
	got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(log.records, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if api := c.Site().API; api != "legacy" {
		t.Errorf("API %q", api)
	}
	if query := log.queries[1]; query != "endDate=1700000000001&limit=20&start=0&startDate=1699996399999" {
		t.Errorf("query %s", query)
	}
}

// Our own reads of the audit log are left out. Those of others never are.
func TestOwnSearches(t *testing.T) {
	t.Parallel()
	own := centerRecord(1, searchAction, "me")
	others := centerRecord(2, searchAction, "somebody")
	nameless := fmt.Sprintf(`{"timestamp":"2023-11-14T22:13:19.000Z","author":{"name":"Anonymous"},"type":{"actionI18nKey":%q}}`, searchAction)
	quoting := `{"timestamp":"2023-11-14T22:13:18.000Z","author":{"id":"me"},"type":{"actionI18nKey":"other"},"x":"` + searchAction + `"}`
	byName := fmt.Sprintf(`{"timestamp":"2023-11-14T22:13:17.000Z","author":{"uri":"https://x/viewuser.action?username=%s"},"type":{"actionI18nKey":%q}}`, testUser, searchAction)
	records := []string{own, others, nameless, quoting, byName}
	tests := []struct {
		name    string
		me      string
		Options atlassian.Options
		want    []string
	}{
		{"known", known, atlassian.Options{}, []string{others, nameless, quoting, byName}},
		{"included", known, atlassian.Options{IncludeAuditSearches: true}, records},
		{"name alone is known", "", atlassian.Options{}, []string{own, others, nameless, quoting}},
		{"unknown behind a token", "", atlassian.Options{PersonalAccessToken: atlassian.NewSecret("pat")}, records},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &centerLog{records: records, me: tt.me}
			c := centerClient(t, log.ServeHTTP, tt.Options)
			got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			newest, ok, err := c.Newest(t.Context())
			if err != nil || !ok || string(newest.Raw) != tt.want[0] {
				t.Errorf("newest %s, %v, %v", newest.Raw, ok, err)
			}
		})
	}
}

func TestCursorFaults(t *testing.T) {
	t.Parallel()
	record := centerRecord(1, "a", "b")
	page := func(paging string, records ...string) string {
		return fmt.Sprintf(`{"entities":[%s],"pagingInfo":%s}`, strings.Join(records, ","), paging)
	}
	tests := []struct {
		name  string
		pages []string
		want  atlassian.Cause
	}{
		{"cursor stands still", []string{page(`{"lastPage":false,"nextPageCursor":"1,1"}`, record)}, atlassian.CauseEndless},
		{"cursors in a circle", []string{page(`{"lastPage":false,"nextPageCursor":"1,1"}`, record), page(`{"lastPage":false,"nextPageCursor":"2,2"}`, record),
			page(`{"lastPage":false,"nextPageCursor":"3,3"}`, record), page(`{"lastPage":false,"nextPageCursor":"2,2"}`, record), page(`{"lastPage":true}`, record)}, atlassian.CauseEndless},
		{"endless cursor", []string{page(`{"lastPage":false,"nextPageCursor":"`+strings.Repeat("1", 2000)+`"}`, record), page(`{"lastPage":true}`, record)}, atlassian.CauseEndless},
		{"more follow but not where", []string{page(`{"lastPage":false}`, record)}, atlassian.CauseNotAuditList},
		{"full page without paging", []string{page(`{}`, slices.Repeat([]string{record}, 10)...)}, atlassian.CauseNotAuditList},
		{"second page fails", []string{page(`{"lastPage":false,"nextPageCursor":"1,1"}`, record), `<html>Oops`}, atlassian.CauseNotAuditList},
		{"short page without paging", []string{page(`{}`, record)}, ""},
		{"empty page in between", []string{page(`{"lastPage":false,"nextPageCursor":"3,3"}`), page(`{"lastPage":true}`, record)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &centerLog{records: []string{record}, me: known}
			log.onEvent = func(request int) string { return tt.pages[min(request, len(tt.pages)-1)] }
			c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: 10})
			got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if atlassian.CauseOf(err) != tt.want {
				t.Errorf("error %v, want cause %q", err, tt.want)
			}
			if err == nil && !slices.Equal(got, []string{record}) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A walk ends even if the server sends page after page without a record, each with a new cursor.
func TestEmptyPagesEnd(t *testing.T) {
	t.Parallel()
	log := &centerLog{me: known}
	log.onEvent = func(request int) string {
		return fmt.Sprintf(`{"entities":[],"pagingInfo":{"lastPage":false,"nextPageCursor":"1,%d"}}`, request)
	}
	c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: 10})
	if _, err := readAll(c, Epoch.Add(-time.Hour), Epoch); atlassian.CauseOf(err) != atlassian.CauseEndless || len(log.queries) > 150 {
		t.Errorf("%d requests, %v", len(log.queries), err)
	}
}

// When a personal access token expires, we are anonymous: the log is empty, and the API returns no
// error.
func TestEmptyBecauseAnonymous(t *testing.T) {
	t.Parallel()
	log := &centerLog{me: known}
	c := centerClient(t, log.ServeHTTP, atlassian.Options{PersonalAccessToken: atlassian.NewSecret("pat")})
	if got, err := readAll(c, time.Time{}, Epoch); err != nil || len(got) != 0 {
		t.Fatalf("got %q, %v", got, err)
	}
	log.mu.Lock()
	log.me = `{"type":"anonymous","displayName":"Anonymous"}`
	log.mu.Unlock()
	if _, err := readAll(c, time.Time{}, Epoch); atlassian.CauseOf(err) != atlassian.CauseAnonymous {
		t.Errorf("error %v, want cause anonymous", err)
	}
}
