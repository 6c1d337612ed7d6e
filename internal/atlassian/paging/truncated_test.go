package paging_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

// newestOnly returns clients of servers that list only the newest records of a query, and the
// number of their requests for records.
func newestOnly(t *testing.T, log *auditLog, o atlassian.Options) map[string]func() (*Client, *int) {
	counting := func(client func(*testing.T, http.HandlerFunc, atlassian.Options) *Client, h http.HandlerFunc) func() (*Client, *int) {
		return func() (*Client, *int) {
			n := new(int)
			c := client(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/audit") || strings.HasSuffix(r.URL.Path, "/events") {
					*n++
				}
				h(w, r)
			}, o)
			if _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			*n = 0
			return c, n
		}
	}
	exclusive := &auditLog{Records: log.Records, Newest: log.Newest, Open: true}
	legacy := &centerLog{Records: log.Records, Legacy: true, Me: known, Newest: log.Newest}
	return map[string]func() (*Client, *int){
		"cloud":                  counting(cloudClient, log.ServeHTTP),
		"center":                 counting(centerClient, (&centerOf{log: log}).ServeHTTP),
		"center, ends exclusive": counting(centerClient, (&centerOf{log: exclusive}).ServeHTTP),
		"legacy":                 counting(centerClient, legacy.ServeHTTP),
		"legacy, ends exclusive": counting(centerClient, (&centerLog{Records: log.Records, Legacy: true, Me: known, Newest: log.Newest, Open: true}).ServeHTTP),
	}
}

// withoutTimes returns records without their times, which servers write in different ways.
func withoutTimes(records []string) []string {
	texts := make([]string, len(records))
	for i, r := range records {
		_, texts[i], _ = strings.Cut(r, `"summary":`)
	}
	return texts
}

// A server that lists only the newest records of a query, whatever start says, is asked for the
// others by time.
func TestNewestOnly(t *testing.T) {
	t.Parallel()
	bulk := make([]string, 0, 400)
	for i := range 400 {
		bulk = append(bulk, auditRecord(300, fmt.Sprint("bulk ", i/2))) // twins
	}
	many := append(append(auditRecords(300), bulk...), auditRecords(900)[301:]...)
	tests := []struct {
		name    string
		records []string
		newest  int
		page    int
	}{
		{"pages fit into it", auditRecords(1700), 1000, 100},
		{"one page", auditRecords(1700), 1000, 1000},
		{"less than a page", auditRecords(1700), 500, 1000},
		{"pages do not fit into it", auditRecords(1700), 1000, 300},
		{"exactly as many", auditRecords(1000), 1000, 100},
		{"many of one millisecond", many, 500, 100},
		{"many of one millisecond, cut between twins", many, 501, 100},
	}
	for i := range tests {
		tt := &tests[i]
		for name, begin := range newestOnly(t, &auditLog{Records: tt.records, Newest: tt.newest}, atlassian.Options{PageSize: tt.page}) {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				c, _ := begin()
				got, err := readAll(c, at(5000), at(0))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(withoutTimes(tt.records), withoutTimes(got)); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// A server that ignores the end of a query lists a newer record in place of an older one. That does
// not prove that it hides records.
func TestIgnoredEndHidesNothing(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(300), IgnoreDates: true}
	for name, c := range map[string]*Client{
		"cloud":  cloudClient(t, log.ServeHTTP, atlassian.Options{}),
		"center": centerClient(t, (&centerOf{log: log}).ServeHTTP, atlassian.Options{}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(c, at(5000), at(0))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(withoutTimes(log.Records), withoutTimes(got)); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// If more records share a millisecond than such a server lists, some cannot be read. That is an
// error, also for a window of just this millisecond.
func TestNewestOnlyHides(t *testing.T) {
	t.Parallel()
	log := &auditLog{Newest: 300}
	for i := range 400 {
		log.Records = append(log.Records, auditRecord(300, fmt.Sprint("bulk ", i)))
	}
	log.Records = append(log.Records, auditRecord(500, "hidden"))
	for name, begin := range newestOnly(t, log, atlassian.Options{PageSize: 100}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := begin()
			for _, from := range []int{5000, 300} {
				if got, err := readAll(c, at(from), at(300)); atlassian.CauseOf(err) != atlassian.CauseEndless {
					t.Errorf("since %d: %d records, error %v, want one that says that records are hidden", from, len(got), err)
				}
			}
		})
	}
}

// Many records of one millisecond that are the oldest of the site are no sign of hidden ones, whether
// or not such a server lists all of them at once.
func TestOldestAreBulk(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(100), Newest: 250}
	for i := range 200 {
		log.Records = append(log.Records, auditRecord(300, fmt.Sprint("bulk ", i)))
	}
	for name, begin := range newestOnly(t, log, atlassian.Options{PageSize: 100}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, from := range []time.Time{{}, at(5000), at(300)} {
				c, _ := begin()
				got, err := readAll(c, from, at(0))
				if err != nil {
					t.Fatalf("since %v: %v", from, err)
				}
				if diff := cmp.Diff(withoutTimes(log.Records), withoutTimes(got)); diff != "" {
					t.Errorf("since %v: records (-want +got):\n%s", from, diff)
				}
			}
		})
	}
}

// To know that a list is whole costs one more request for the first window, and none for the next.
func TestWholeWindowsCost(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(1700)}
	for name, begin := range newestOnly(t, log, atlassian.Options{PageSize: 1000}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, requests := begin()
			for n, want := range []int{2, 1, 1, 1} {
				*requests = 0
				from := []int{900, 900, 499, 499}[n]
				if got, err := readAll(c, at(from), at(0)); err != nil || len(got) != from+1 {
					t.Fatalf("%d records, %v", len(got), err)
				}
				if *requests > want {
					t.Errorf("read %d took %d requests, want %d", n, *requests, want)
				}
			}
		})
	}
}
