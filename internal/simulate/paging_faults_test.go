package simulate_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

func TestCloudNextLinks(t *testing.T) {
	t.Parallel()
	window := url.Values{"startDate": {"0"}, "limit": {"4"}, "start": {"4"}}.Encode()
	for kind, want := range map[simulate.FaultKind]string{
		simulate.FaultNextNone:      "",
		simulate.FaultNextBare:      "/rest/api/audit?limit=4&start=4",
		simulate.FaultNextContext:   "/wiki/rest/api/audit?" + window,
		simulate.FaultNextAbsolute:  "{site}/wiki/rest/api/audit?" + window,
		simulate.FaultNextOtherHost: "https://elsewhere.example.net/wiki/rest/api/audit?" + window,
	} {
		s := start(t, simulate.Options{Records: 10, Faults: []simulate.Fault{{Kind: kind}}})
		want = strings.Replace(want, "{site}", s.url, 1)
		if got := s.cloudPage(t, "startDate=0&limit=4").Links.Next; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	skipping := start(t, simulate.Options{Records: 10, PageCap: 3, Faults: []simulate.Fault{{Kind: simulate.FaultNextSkips}}})
	if page := skipping.cloudPage(t, "limit=8"); page.Size != 3 || page.Links.Next != "/rest/api/audit?limit=8&start=8" {
		t.Errorf("skipping: %d records, next %q", page.Size, page.Links.Next)
	}
	endless := start(t, simulate.Options{Records: 10, Faults: []simulate.Fault{{Kind: simulate.FaultNextEndless}}})
	if page := endless.cloudPage(t, "start=90"); page.Size != 0 || page.Links.Next == "" {
		t.Errorf("endless: %d records, next %q", page.Size, page.Links.Next)
	}
}

func TestGatewayNamesTheSiteInItsLinks(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 10})
	s.signIn = basic("admin@example.com", "scoped-token")
	if page := decode[cloudPage](t, s.get(t, gatewayPath)); page.Links.Base != "https://simulated.atlassian.net/wiki" {
		t.Errorf("base %q", page.Links.Base)
	}
}

func TestDataCenterNextLinks(t *testing.T) {
	t.Parallel()
	for kind, want := range map[simulate.FaultKind]string{
		simulate.FaultNextOtherHost: "https://elsewhere.example.net/rest/auditing/1.0/events?",
		simulate.FaultNextWindow:    "&from=2020-01-01T00%3A00%3A00Z",
		simulate.FaultNextEndless:   "pageCursor=",
		simulate.FaultNextNone:      "",
	} {
		s := start(t, simulate.Options{Deployment: simulate.DataCenter, Records: 10, Faults: []simulate.Fault{{Kind: kind}}})
		info := s.eventsPage(t, "limit=4&from=2020-01-01T00:00:00Z").PagingInfo
		if none := kind == simulate.FaultNextNone; info.LastPage != none || !strings.Contains(info.NextPageLink, want) || none != (info.NextPageLink == "") {
			t.Errorf("%s: %+v", kind, info)
		}
	}
}

func TestPagesThatMislead(t *testing.T) {
	t.Parallel()
	o := simulate.Options{Records: 10}
	repeat, total := start(t, o), start(t, o)
	for s, kind := range map[*site]simulate.FaultKind{repeat: simulate.FaultRepeatPage, total: simulate.FaultSizeTotal} {
		if err := s.SetFaults(simulate.Fault{Kind: kind}); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := repeat.cloudPage(t, "limit=3"), repeat.cloudPage(t, "limit=3&start=3"); string(a.Results[0]) != string(b.Results[0]) {
		t.Error("the second page is not the first again")
	}
	if page := total.cloudPage(t, "limit=3"); page.Size != 10 || len(page.Results) != 3 {
		t.Errorf("size %d of %d results", page.Size, len(page.Results))
	}
	shrinking := start(t, simulate.Options{Records: 10, Faults: []simulate.Fault{{Kind: simulate.FaultPageCap, Value: "2", After: 1}}})
	if a, b := shrinking.cloudPage(t, "limit=5"), shrinking.cloudPage(t, "limit=5&start=5"); a.Size != 5 || b.Size != 2 {
		t.Errorf("pages of %d and %d", a.Size, b.Size)
	}
}

func TestSetsThatMoveBetweenPages(t *testing.T) {
	t.Parallel()
	for kind, shift := range map[simulate.FaultKind]int{simulate.FaultInsert: -2, simulate.FaultVanish: 2, simulate.FaultExpire: 0} {
		s := start(t, simulate.Options{Records: 20, Faults: []simulate.Fault{{Kind: kind, Value: "2", After: 1}}})
		window := fmt.Sprintf("endDate=%d&", time.Now().UnixMilli())
		before := s.existing()
		s.cloudPage(t, window+"limit=5")
		second := s.cloudPage(t, window+"limit=5&start=5")
		if at := slices.Index(before, string(second.Results[0])); at != 5+shift {
			t.Errorf("%s: the second page begins at %d", kind, at)
		}
		want := map[simulate.FaultKind]int{simulate.FaultInsert: 22}[kind]
		if want == 0 {
			want = 18
		}
		if n := len(s.existing()); n != want {
			t.Errorf("%s: %d records exist, want %d", kind, n, want)
		}
	}
}

func TestMalformedRecords(t *testing.T) {
	t.Parallel()
	cloud := start(t, simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultMalformed}}})
	page := cloud.cloudPage(t, "")
	if len(page.Results) != 10 {
		t.Fatalf("%d malformed records", len(page.Results))
	}
	at := time.UnixMilli(1700000000123).UTC()
	for kind, want := range map[string]string{
		"no-date":      `{"summary":`,
		"string-date":  `{"creationDate":"1700000000123",`,
		"seconds-date": `{"creationDate":1700000000,`,
		"iso-date":     `{"creationDate":"2023-11-14T22:13:20.123Z",`,
		"not-object":   `"`,
	} {
		if record := string(simulate.Malformed(simulate.Cloud, kind, at)); !strings.HasPrefix(record, want) {
			t.Errorf("%s: %s", kind, record)
		}
	}
	if record := string(simulate.Malformed(simulate.DataCenter, "epoch-object", at)); !strings.HasPrefix(record, `{"timestamp":{"epochSecond":1700000000,"nano":123000000},"type":`) {
		t.Errorf("data center: %s", record)
	}
	if n := len(simulate.Malformed(simulate.Cloud, "huge-field", at)); n < 1<<20 {
		t.Errorf("huge field of %d bytes", n)
	}
}
