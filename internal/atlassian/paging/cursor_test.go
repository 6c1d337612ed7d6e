package paging_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

func TestReadCursor(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 1234 {
		records = append(records, centerRecord(i/3, "audit.logging.summary.space.created", fmt.Sprint("user", i)))
	}
	for _, page := range []int{2, 7, 100, 617, 1234, 5000} {
		t.Run(fmt.Sprint(page, " a page"), func(t *testing.T) {
			t.Parallel()
			log := &centerLog{Records: records, Me: known}
			c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: page})
			got, err := readAll(c, Epoch.Add(-100*time.Millisecond), Epoch.Add(-2*time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(records[6:303], got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			for _, query := range log.Queries {
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
	log := &centerLog{Records: auditRecords(50), Legacy: true, Me: known}
	c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: 20})
	got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(log.Records, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if api := c.Site().API; api != "legacy" {
		t.Errorf("API %q", api)
	}
	if query := log.Queries[1]; query != "endDate=1700000001000&limit=20&start=0&startDate=1699996399999" {
		t.Errorf("query %s", query)
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
			log := &centerLog{Records: []string{record}, Me: known}
			log.OnEvent = func(request int) string { return tt.pages[min(request, len(tt.pages)-1)] }
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
	log := &centerLog{Me: known}
	log.OnEvent = func(request int) string {
		return fmt.Sprintf(`{"entities":[],"pagingInfo":{"lastPage":false,"nextPageCursor":"1,%d"}}`, request)
	}
	c := centerClient(t, log.ServeHTTP, atlassian.Options{PageSize: 10})
	if _, err := readAll(c, Epoch.Add(-time.Hour), Epoch); atlassian.CauseOf(err) != atlassian.CauseEndless || len(log.Queries) > 150 {
		t.Errorf("%d requests, %v", len(log.Queries), err)
	}
}
