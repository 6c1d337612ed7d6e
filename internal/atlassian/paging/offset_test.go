package paging_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

// However the server treats limit, size and next, every record is read once.
func TestReadOffset(t *testing.T) {
	t.Parallel()
	twins := slices.Repeat([]string{auditRecord(5, "twin")}, 7)
	var sameMillisecond []string
	for i := range 90 {
		sameMillisecond = append(sameMillisecond, auditRecord(3, fmt.Sprint("bulk ", i%4)))
	}
	tests := []struct {
		name string
		log  auditLog
		page int
	}{
		{"empty log", auditLog{}, 10},
		{"one record", auditLog{Records: auditRecords(1)}, 10},
		{"less than a page", auditLog{Records: auditRecords(9)}, 10},
		{"exactly a page", auditLog{Records: auditRecords(10)}, 10},
		{"one more than a page", auditLog{Records: auditRecords(11)}, 10},
		{"many pages", auditLog{Records: auditRecords(1234)}, 100},
		{"smallest pages", auditLog{Records: auditRecords(9)}, atlassian.MinPageSize},
		{"server caps pages", auditLog{Records: auditRecords(1000), Cap: func(int) int { return 25 }}, 100},
		{"server caps pages at two", auditLog{Records: auditRecords(30), Cap: func(int) int { return 2 }}, 100},
		{"twins", auditLog{Records: append(auditRecords(5), twins...)}, 4},
		{"twins over a page border", auditLog{Records: append(auditRecords(3), twins...)}, 5},
		{"twins, and server caps pages at one", auditLog{Records: append(auditRecords(5), twins...), Cap: func(int) int { return 1 }}, 10},
		{"nothing but twins", auditLog{Records: slices.Repeat(twins, 10)}, 10},
		{"a bulk in one millisecond", auditLog{Records: append(auditRecords(3), sameMillisecond...)}, 20},
		{"size is the total", auditLog{Records: auditRecords(95), Extra: `,"size":95`}, 10},
		{"size is zero", auditLog{Records: auditRecords(95), Extra: `,"size":0`}, 10},
		{"next on another host", auditLog{Records: auditRecords(95), Extra: `,"_links":{"next":"https://evil.example/steal?start=0"}`}, 10},
		{"next for ever", auditLog{Records: auditRecords(95), Extra: `,"_links":{"next":"/rest/api/audit?start=0","base":"https://x.example/wiki"}`}, 10},
		{"size comes first", auditLog{Records: auditRecords(1), Extra: `,"size":7,"unknown":{"a":[1]}`}, 10},
	}
	for i := range tests {
		tt := &tests[i]
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := cloudClient(t, tt.log.ServeHTTP, atlassian.Options{PageSize: tt.page})
			got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.log.Records, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadOffsetCapChangesMidway(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(1000)}
	log.Cap = func(asked int) int {
		if log.Requests > 3 {
			return 7
		}
		return asked
	}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 100})
	got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(log.Records, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// A record that is added or deleted in the part already read is noticed, and the read fails.
func TestReadOffsetMoved(t *testing.T) {
	t.Parallel()
	twins := slices.Repeat([]string{auditRecord(9, "twin")}, 4)
	insert := func(at int, record string) func(*auditLog) {
		return func(l *auditLog) { l.Records = slices.Insert(l.Records, at, record) }
	}
	remove := func(at int) func(*auditLog) {
		return func(l *auditLog) { l.Records = slices.Delete(l.Records, at, at+1) }
	}
	tests := []struct {
		name    string
		records []string
		page    int
		request int // before which it happens
		change  func(*auditLog)
	}{
		{"insert while paging", auditRecords(50), 10, 1, insert(4, auditRecord(4, "late"))},
		{"insert on a later page", auditRecords(50), 10, 4, insert(0, auditRecord(0, "late"))},
		{"insert before the end is confirmed", auditRecords(8), 10, 1, insert(0, auditRecord(0, "late"))},
		{"remove while paging", auditRecords(50), 10, 2, remove(0)},
		{"shift by one among twins", append(auditRecords(8), append(twins, auditRecords(40)[10:]...)...), 10, 1, insert(2, auditRecord(2, "late"))},
		{"shift by one among more twins", append(auditRecords(7), append(twins, auditRecords(40)[10:]...)...), 10, 1, insert(2, auditRecord(2, "late"))},
		{"end cut off", auditRecords(15), 10, 1, func(l *auditLog) { l.Records = l.Records[:5] }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: slices.Clone(tt.records)}
			log.Before = func(request int) {
				if request == tt.request {
					tt.change(log)
				}
			}
			c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: tt.page})
			_, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if !errors.Is(err, atlassian.ErrMoved) || atlassian.CauseOf(err) != atlassian.CauseMoved {
				t.Fatalf("error %v, want ErrMoved", err)
			}
			got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if err != nil {
				t.Fatalf("second read: %v", err)
			}
			if diff := cmp.Diff(log.Records, got); diff != "" {
				t.Errorf("second read (-want +got):\n%s", diff)
			}
		})
	}
}

// Before whatever request a record already read is deleted, or one is added before it: all others are
// read, or there is an error.
func TestReadOffsetMovedAnytime(t *testing.T) {
	t.Parallel()
	late := auditRecord(0, "late")
	for _, most := range []int{1, 2, 3, 10} {
		for name, change := range map[string]func([]string) []string{
			"delete": func(records []string) []string { return records[1:] },
			"add":    func(records []string) []string { return append([]string{late}, records...) },
		} {
			for at, changed := 1, true; changed; at++ {
				log := &auditLog{Records: auditRecords(12), Cap: func(asked int) int { return min(asked, most) }}
				changed = false
				log.Before = func(request int) {
					if request == at {
						log.Records, changed = change(log.Records), true
					}
				}
				c := bubbledTo(t, kinds[0], log, atlassian.Options{PageSize: 10})
				got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
				if err != nil && !errors.Is(err, atlassian.ErrMoved) {
					t.Fatal(err)
				}
				missing := slices.DeleteFunc(slices.Clone(log.Records), func(r string) bool { return slices.Contains(got, r) })
				if err == nil && len(missing) > 0 {
					t.Errorf("pages of %d, %s before request %d: missing %q", most, name, at, missing)
				}
			}
		}
	}
}

// Records that are added in the part not yet read, or that are identical to their neighbours, are
// read with the others.
func TestReadOffsetHarmlessInsert(t *testing.T) {
	t.Parallel()
	twins := slices.Repeat([]string{auditRecord(9, "twin")}, 4)
	tests := []struct {
		name    string
		records []string
		at      int
		record  string
	}{
		{"ahead", auditRecords(50), 30, auditRecord(30, "late")},
		{"another twin", append(auditRecords(8), append(twins, auditRecords(40)[10:]...)...), 8, twins[0]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: tt.records}
			log.Before = func(request int) {
				if request == 1 {
					log.Records = slices.Insert(slices.Clone(log.Records), tt.at, tt.record)
				}
			}
			c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 10})
			got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(log.Records, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// A server that ignores start, or sends one record a page although more follow, must never count as
// read to its end.
func TestReadOffsetNeverEndsEarly(t *testing.T) {
	t.Parallel()
	t.Run("start ignored", func(t *testing.T) {
		t.Parallel()
		page := strings.Join(auditRecords(10), ",")
		c := cloudClient(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"results":[%s]}`, page)
		}, atlassian.Options{PageSize: 10})
		if _, err := readAll(c, Epoch.Add(-time.Hour), Epoch); !errors.Is(err, atlassian.ErrMoved) {
			t.Errorf("error %v, want ErrMoved", err)
		}
	})
	t.Run("cap of one", func(t *testing.T) {
		t.Parallel()
		log := &auditLog{Records: auditRecords(5), Cap: func(int) int { return 1 }}
		c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 10})
		got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
		if diff := cmp.Diff(log.Records, got); diff != "" || err != nil {
			t.Errorf("%v, records (-want +got):\n%s", err, diff)
		}
	})
}

func TestReadWindow(t *testing.T) {
	t.Parallel()
	records := []string{
		auditRecord(0, "after"), auditRecord(1, "at the end"), auditRecord(2, "within"),
		`{"summary":"without a time"}`, auditRecord(3, "at the start"), auditRecord(4, "before"),
	}
	log := &auditLog{Records: records, IgnoreDates: true}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{})
	from, to := Epoch.Add(-3*time.Millisecond), Epoch.Add(-time.Millisecond)
	got, err := readAll(c, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(records[1:5], got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	query, err := url.ParseQuery(log.Queries[0])
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"startDate": {"1699999999997"}, "endDate": {"1699999999999"}, "start": {"0"}, "limit": {"1000"}}
	if diff := cmp.Diff(want, query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestReadStopsWithYield(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(50)}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 10})
	full := errors.New("disk full")
	calls := 0
	err := c.Read(context.Background(), time.Time{}, Epoch, func(atlassian.Record) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls, want %v after 1", err, calls, full)
	}
}

// The newest record stays valid when more pages are read after it.
func TestNewestStaysValid(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(500)}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
	newest, ok, err := c.Newest(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	for range 10 {
		if _, err := readAll(c, time.Time{}, Epoch); err != nil {
			t.Fatal(err)
		}
	}
	if got := string(newest.Raw); got != log.Records[0] {
		t.Errorf("newest record became %s", got)
	}
}
