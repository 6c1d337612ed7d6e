package simulate_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

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
	// An instant is no window.
	instant := url.Values{"from": {inJira(from)}, "to": {inJira(from)}}.Encode()
	if found := s.readJira(t, instant, 2); len(found) != 0 {
		t.Errorf("from = to found %d records", len(found))
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
