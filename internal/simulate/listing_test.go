package simulate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

func TestCloudPagesHoldWhatExists(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Seed: 7, Records: 500, Twins: 0.2})
	if diff := cmp.Diff(s.existing(), s.readCloud(t, "", 7)); diff != "" {
		t.Error(diff)
	}
}

func TestDataCenterPagesHoldWhatExists(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Deployment: simulate.DataCenter, Seed: 7, Records: 500, Twins: 0.2})
	end := time.Now().UTC()
	query := "limit=7&to=" + url.QueryEscape(end.Add(-time.Millisecond).Format(time.RFC3339Nano))
	existing := s.existing()
	if diff := cmp.Diff(existing, s.readEvents(t, query)); diff != "" {
		t.Error(diff)
	}
}

func TestWindowIsInclusiveAtBothEnds(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		s := start(t, simulate.Options{Deployment: deployment})
		for i := range 5 {
			s.Add(simulate.Record{Time: at.Add(time.Duration(i) * time.Millisecond)})
		}
		from, to := at.Add(time.Millisecond), at.Add(3*time.Millisecond)
		var read []string
		if deployment == simulate.Cloud {
			read = s.readCloud(t, fmt.Sprintf("startDate=%d&endDate=%d", from.UnixMilli(), to.UnixMilli()), 100)
		} else {
			read = s.readEvents(t, "from="+from.Format("2006-01-02T15:04:05.000Z")+"&to="+to.Format("2006-01-02T15:04:05.000Z"))
		}
		if diff := cmp.Diff(s.existing()[1:4], read); diff != "" {
			t.Errorf("%s: %s", deployment, diff)
		}
	}
}

func TestCloudEnvelope(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 30})
	query := fmt.Sprintf("startDate=%d&endDate=%d", time.Now().Add(-48*time.Hour).UnixMilli(), time.Now().UnixMilli())
	page := s.cloudPage(t, query+"&limit=10")
	base := s.url + "/wiki"
	want := cloudPage{Results: page.Results, Start: 0, Limit: 10, Size: 10}
	sorted := strings.Join(slices.Sorted(strings.SplitSeq(query, "&")), "&")
	want.Links.Base, want.Links.Context, want.Links.Self = base, "/wiki", base+"/rest/api/audit?"+sorted
	next, _ := url.ParseQuery(query + "&limit=10&start=10")
	want.Links.Next = "/rest/api/audit?" + next.Encode()
	if diff := cmp.Diff(want, page); diff != "" {
		t.Error(diff)
	}
	if last := s.cloudPage(t, query+"&limit=10&start=20"); last.Links.Next != "" || last.Size != 10 {
		t.Errorf("last page: size %d, next %q", last.Size, last.Links.Next)
	}
	if beyond := s.cloudPage(t, query+"&start=31"); len(beyond.Results) != 0 {
		t.Errorf("%d records beyond the end", len(beyond.Results))
	}
}

func TestDataCenterEnvelope(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Deployment: simulate.DataCenter, Records: 30, Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}}})
	page := s.eventsPage(t, "limit=20")
	last := page.Entities[19]
	var oldest struct{ Timestamp time.Time }
	if err := json.Unmarshal(last, &oldest); err != nil {
		t.Fatal(err)
	}
	info := page.PagingInfo
	if want := fmt.Sprintf("%d,11", oldest.Timestamp.UnixMilli()); info.NextPageCursor != want || info.LastPage || info.Size != 20 || info.NextPageOffset == nil {
		t.Errorf("cursor %q, want %q; %+v", info.NextPageCursor, want, info)
	}
	if want := s.url + "/rest/auditing/1.0/events?offset=0&limit=20&pageCursor=" + url.QueryEscape(info.NextPageCursor); info.NextPageLink != want {
		t.Errorf("link %q, want %q", info.NextPageLink, want)
	}
	end := s.get(t, "/rest/auditing/1.0/events?limit=30")
	if !strings.HasSuffix(end.body, `"pagingInfo":{"lastPage":true,"size":30}}`) {
		t.Errorf("last page ends with %s", end.body[len(end.body)-100:])
	}
}

func TestDataCenterRecordsItsSearches(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Deployment: simulate.DataCenter, ContextPath: "/confluence"})
	s.get(t, "/confluence/rest/auditing/1.0/events")
	second := decode[eventsPage](t, s.get(t, "/confluence/rest/auditing/1.0/events"))
	if len(second.Entities) != 1 {
		t.Fatalf("%d events after one search, want 1", len(second.Entities))
	}
	for _, part := range []string{`"actionI18nKey":"atlassian.audit.event.action.audit.search"`, `"name":"Results returned","value":"0"`, `"system":"https://confluence.example.com/confluence"`} {
		if !strings.Contains(string(second.Entities[0]), part) {
			t.Errorf("no %s in %s", part, second.Entities[0])
		}
	}
}

func TestBadParametersAreRefused(t *testing.T) {
	t.Parallel()
	cloud, dc := start(t, simulate.Options{}), start(t, simulate.Options{Deployment: simulate.DataCenter})
	for _, query := range []string{"startDate=2026-01-01", "limit=-1", "start=x"} {
		if g := cloud.get(t, "/wiki/rest/api/audit?"+query); g.status != http.StatusBadRequest {
			t.Errorf("cloud %s: %d", query, g.status)
		}
	}
	for _, query := range []string{"from=1", "limit=0", "limit=100001", "pageCursor=nonsense", "offset=-1"} {
		if g := dc.get(t, "/rest/auditing/1.0/events?"+query); g.status != http.StatusBadRequest {
			t.Errorf("data center %s: %d", query, g.status)
		}
	}
}

func TestDefaultsAndCapsOfLimit(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 1500})
	if n := s.cloudPage(t, "").Size; n != 1000 {
		t.Errorf("default page of %d", n)
	}
	if n := s.cloudPage(t, "limit=1400").Size; n != 1400 {
		t.Errorf("page of %d without a cap", n)
	}
	if n := start(t, simulate.Options{Records: 300, PageCap: 100}).cloudPage(t, "limit=1000"); n.Size != 100 || n.Limit != 100 || n.Links.Next != "/rest/api/audit?limit=100&start=100" {
		t.Errorf("capped page: size %d limit %d next %q", n.Size, n.Limit, n.Links.Next)
	}
	if n := start(t, simulate.Options{Deployment: simulate.DataCenter, Records: 300}).eventsPage(t, "").PagingInfo.Size; n != 200 {
		t.Errorf("default page of %d on Data Center", n)
	}
}

func TestRetentionHidesOldRecords(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 240, Retention: 2 * time.Hour})
	if n := len(s.readCloud(t, "", 100)); n < 18 || n > 22 {
		t.Errorf("%d records within 2 of 24 hours of 240", n)
	}
	if g := s.get(t, "/wiki/rest/api/audit/retention"); g.body != `{"number":2,"units":"HOURS"}` {
		t.Errorf("retention %s", g.body)
	}
	if n := len(s.existing()); n != 240 {
		t.Errorf("Records gives %d, want all 240", n)
	}
}

func TestSinceAndSearch(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 240})
	page := decode[cloudPage](t, s.get(t, "/wiki/rest/api/audit/since?number=90&units=MINUTES"))
	if page.Size < 13 || page.Size > 17 {
		t.Errorf("%d records in 90 minutes of 10 an hour", page.Size)
	}
	if found := s.readCloud(t, "searchString=sim-000042", 10); len(found) != 1 || !strings.Contains(found[0], "SIM-000042") {
		t.Errorf("search found %q", found)
	}
}

func TestPostedRecordMayBeBackdated(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 10})
	at := time.Now().Add(-time.Hour).UnixMilli()
	posted := s.do(t, http.MethodPost, "/wiki/rest/api/audit", fmt.Sprintf(`{"remoteAddress":"","summary":"posted","creationDate":%d}`, at), s.signIn)
	read := s.readCloud(t, fmt.Sprintf("startDate=%d&endDate=%d", at, at), 10)
	if diff := cmp.Diff([]string{posted.body}, read); diff != "" {
		t.Error(diff)
	}
	if g := s.do(t, http.MethodPost, "/wiki/rest/api/audit", `{}`, s.signIn); g.status != http.StatusBadRequest {
		t.Errorf("no remoteAddress: %d", g.status)
	}
}

func TestLegacyDataCenter(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Deployment: simulate.DataCenter, Legacy: true, ContextPath: "/wiki", Records: 20})
	if g := s.get(t, "/wiki/rest/auditing/1.0/events"); g.status != http.StatusNotFound {
		t.Errorf("auditing answers %d", g.status)
	}
	read := s.readCloud(t, "", 8)
	if diff := cmp.Diff(s.existing(), read); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(strings.Join(read, ""), "accountId") {
		t.Error("a legacy record has an accountId")
	}
}
