package paging_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

// largeRecord is one of so many bytes.
func largeRecord(ms, bytes int) string {
	record := auditRecord(ms, "large ")
	return record[:len(record)-2] + strings.Repeat("x", bytes-len(record)) + `"}`
}

// If records are too large together, smaller pages are asked for, which grow again afterwards.
func TestPageSizeLowersItself(t *testing.T) {
	t.Parallel()
	records := auditRecords(1000)
	for i := 300; i < 600; i++ {
		records[i] = largeRecord(i, 100_000)
	}
	for _, center := range []bool{false, true} {
		t.Run(fmt.Sprint(center), func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: records}
			var limits []int
			serve := func(w http.ResponseWriter, r *http.Request) {
				var limit int
				fmt.Sscan(r.URL.Query().Get("limit"), &limit)
				limits = append(limits, limit)
				if center {
					(&centerOf{log: log}).ServeHTTP(w, r)
				} else {
					log.ServeHTTP(w, r)
				}
			}
			c := cloudClient(t, serve, atlassian.Options{PageSize: 500})
			if center {
				c = centerClient(t, serve, atlassian.Options{PageSize: 500})
			}
			got, err := readAll(c, at(5000), at(0))
			if err != nil || len(got) != len(records) {
				t.Fatalf("%d records, %v", len(got), err)
			}
			for i := range got {
				if !strings.HasSuffix(got[i], records[i][len(records[i])-20:]) {
					t.Fatalf("record %d is %.100s", i, got[i])
				}
			}
			if len(limits) > 40 {
				t.Errorf("asked for pages of %d", limits)
			}
			if slices.Min(limits[1:]) > 200 {
				t.Errorf("asked for pages of %d after small records", limits)
			}
		})
	}
}

// A record that is too large for any page is replaced by a stub, and the records around it are
// read.
func TestRecordLargerThanPage(t *testing.T) {
	t.Parallel()
	places := [][]int{{7, 19}, {0, 1}, {7}}
	if testing.Short() {
		places = places[:1]
	}
	for _, large := range places {
		for _, center := range []bool{false, true} {
			t.Run(fmt.Sprint(large, center), func(t *testing.T) {
				t.Parallel()
				log := &auditLog{Records: auditRecords(20)}
				for _, i := range large {
					log.Records[i] = largeRecord(i, atlassian.MaxPage+1)
				}
				c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 4})
				said := `"summary":"record left out: too large"`
				if center {
					c = centerClient(t, (&centerOf{log: log}).ServeHTTP, atlassian.Options{PageSize: 4})
					said = `"type":{"action":"record left out: too large"}`
				}
				got, err := readAll(c, at(5000), at(0))
				if err != nil {
					t.Fatal(err)
				}
				var whole, stubs []string
				for i, r := range got {
					if strings.Contains(r, said) && json.Valid([]byte(r)) && len(r) < 5000 {
						stubs = append(stubs, fmt.Sprint(i))
					} else if len(r) < 1000 {
						whole = append(whole, fmt.Sprint(i))
					}
				}
				if len(got) != 20 || len(stubs) != len(large) || len(whole) != 20-len(large) {
					t.Errorf("%d records, whole %v, stubs %v", len(got), whole, stubs)
				}
				var want []string
				for _, i := range large {
					want = append(want, fmt.Sprint(i))
				}
				if diff := cmp.Diff(want, stubs); diff != "" {
					t.Error(diff)
				}
				if newest, ok, err := c.Newest(t.Context()); err != nil || !ok || !newest.Time.Equal(Epoch) {
					t.Errorf("newest %.200s, %v, %v", newest.Raw, ok, err)
				}
			})
		}
	}
}

// A record that moves while a large one is read is noticed.
func TestMovedAtLargeRecord(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(20)}
	log.Records[9] = largeRecord(9, atlassian.MaxPage+1)
	found := false
	log.Before = func(int) {
		query := ""
		if len(log.Queries) > 0 {
			query = log.Queries[len(log.Queries)-1]
		}
		if !found && strings.Contains(query, "start=9") && strings.Contains(query, "limit=1&") {
			found = true
			insertRecord(log, 3, "late")
		}
	}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 4})
	if got, err := readAll(c, at(5000), at(0)); atlassian.CauseOf(err) != atlassian.CauseMoved {
		t.Errorf("%d records, %v, want that they moved", len(got), err)
	}
}

// A server that sends more than asked for does not make pages smaller and smaller.
func TestTooManyRecords(t *testing.T) {
	t.Parallel()
	for name, element := range map[string]string{"tiny": "0,", "large": `{"summary":"` + strings.Repeat("x", 50_000) + `"},`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			body := `{"results":[` + strings.Repeat(element, 17<<20/len(element)) + `0]}`
			if name == "tiny" {
				body = body[:8<<20] + `]}`
			}
			c := cloudClient(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("start") == "" { // looking for the route
					fmt.Fprint(w, `{"results":[]}`)
					return
				}
				requests++
				fmt.Fprint(w, body)
			}, atlassian.Options{PageSize: 100})
			if _, err := readAll(c, at(5000), at(0)); atlassian.CauseOf(err) != atlassian.CauseTooLarge || requests > 2 {
				t.Errorf("%d requests, %v", requests, err)
			}
		})
	}
}

// An answer that is too large without a record in it is an error, and no record is made of it.
func TestLargeWithoutRecords(t *testing.T) {
	t.Parallel()
	body := `{"message":"` + strings.Repeat("x", 17<<20) + `"}`
	c := cloudClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("start") == "" { // looking for the route
			fmt.Fprint(w, `{"results":[]}`)
			return
		}
		fmt.Fprint(w, body)
	}, atlassian.Options{PageSize: 4})
	if got, err := readAll(c, at(5000), at(0)); atlassian.CauseOf(err) != atlassian.CauseTooLarge || len(got) > 0 {
		t.Errorf("%d records, %v", len(got), err)
	}
}

// A page whose records all fit, and whose end does not, is asked for in smaller pages.
func TestOnlyTheEndIsCut(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(8)}
	for i := range 4 {
		log.Records[i] = largeRecord(i, (atlassian.MaxPage-len(`{"results":[,,,]`))/4)
	}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 4})
	if got, err := readAll(c, at(5000), at(0)); err != nil || !slices.Equal(got, log.Records) {
		t.Errorf("%d records, %v", len(got), err)
	}
}
