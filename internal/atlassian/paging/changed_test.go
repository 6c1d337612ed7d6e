package paging_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// at returns the time so many ms before epoch.
func at(ms int) time.Time { return Epoch.Add(-time.Duration(ms) * time.Millisecond) }

// covers reports whether one of the ranges contains a time.
func covers(ranges []timerange.Range, t time.Time) bool {
	return slices.ContainsFunc(ranges, func(r timerange.Range) bool { return r.Contains(t) })
}

// insertRecord inserts a record at its place in a log that is newest first.
func insertRecord(l *auditLog, ms int, text string) {
	record := auditRecord(ms, text)
	i := slices.IndexFunc(l.Records, func(other string) bool { return auditRecordTime(other) < auditRecordTime(record) })
	if i < 0 {
		i = len(l.Records)
	}
	l.Records = slices.Insert(l.Records, i, record)
}

func TestChanged(t *testing.T) {
	t.Parallel()
	type span struct{ from, to int } // ms before epoch
	whole := []span{{999, 0}}
	tests := []struct {
		name     string
		reads    []span
		change   func(*auditLog)
		late     []int  // records added afterwards, ms before epoch
		want     []span // nil: about a page around each late record
		requests int    // at most
	}{
		{"never read", nil, nil, nil, whole, 0},
		{"nothing new", whole, nil, nil, []span{}, 1},
		{"nothing new in what was read in pieces", []span{{499, 0}, {999, 700}, {699, 500}, {300, 200}}, nil, nil, []span{}, 1},
		{"late among the newest", whole, nil, []int{3}, nil, 7},
		{"late in the middle", whole, nil, []int{500}, nil, 7},
		{"late among the oldest", whole, nil, []int{998}, nil, 7},
		{"late before the oldest", whole, func(l *auditLog) { l.Records = slices.Delete(l.Records, 990, 1000) }, nil, whole, 1},
		{"two late, far apart", whole, nil, []int{10, 990}, nil, 12},
		{"two late, each among the newer of a half", whole, nil, []int{10, 600}, nil, 12},
		{"many late", whole, nil, slices.Repeat([]int{500}, 200), nil, 40},
		{"a span was left out", []span{{999, 600}, {399, 0}}, nil, nil, []span{{599, 400}}, 2},
		{"a part was read", []span{{500, 100}}, nil, nil, []span{{999, 501}, {99, 0}}, 1},
		{"records have gone", whole, func(l *auditLog) { l.Records = l.Records[:900] }, nil, whole, 1},
		{"one has gone and one is late", whole, func(l *auditLog) { l.Records = slices.Delete(l.Records, 999, 1000) }, []int{500}, whole, 1},
		{"all have gone", whole, func(l *auditLog) { l.Records = nil }, nil, whole, 1},
	}
	for i := range tests {
		tt := &tests[i]
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: auditRecords(1200)}
			c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
			if tt.requests == 0 {
				if _, err := c.Connect(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for _, r := range tt.reads {
				if _, err := readAll(c, at(r.from), at(r.to)); err != nil {
					t.Fatal(err)
				}
			}
			if tt.change != nil {
				tt.change(log)
			}
			for _, ms := range tt.late {
				insertRecord(log, ms, "late")
			}
			log.Requests = 0
			got, err := c.Changed(t.Context(), at(999), at(0))
			if err != nil {
				t.Fatal(err)
			}
			if log.Requests > tt.requests {
				t.Errorf("%d requests, want at most %d: %q", log.Requests, tt.requests, log.Queries[len(log.Queries)-log.Requests:])
			}
			if tt.want != nil {
				want := []timerange.Range(nil)
				for _, s := range tt.want {
					want = append(want, timerange.Range{From: at(s.from), To: at(s.to)})
				}
				if !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
				return
			}
			for _, ms := range tt.late {
				if !covers(got, at(ms)) {
					t.Errorf("%v are said to have changed, and not %v", got, at(ms))
				}
			}
			for _, s := range got {
				if length := s.To.Sub(s.From); length > 50*time.Millisecond {
					t.Errorf("%v is longer than a page", s)
				}
				if !slices.ContainsFunc(tt.late, func(ms int) bool { return s.Contains(at(ms)) }) {
					t.Errorf("%v is said to have changed, and has no late record", s)
				}
				if _, err := readAll(c, s.From, s.To); err != nil {
					t.Fatal(err)
				}
			}
			if again, err := c.Changed(t.Context(), at(999), at(0)); err != nil || len(again) > 0 {
				t.Errorf("after reading them: %v, %v", again, err)
			}
		})
	}
}

// If a server does not keep to the query, all of the span is read again.
func TestChangedContradicted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page  int
		spoil func(*auditLog)
	}{
		"start is ignored": {200, func(l *auditLog) { l.IgnoreStart = true }},
		"dates are ignored": {200, func(l *auditLog) {
			l.IgnoreDates = true
			insertRecord(l, 40, "late")
		}},
		"dates are ignored, and one has gone": {50, func(l *auditLog) {
			l.IgnoreDates = true
			l.Records = slices.Delete(l.Records, 40, 41)
		}},
		"only the newest of a query are given": {200, func(l *auditLog) { l.Newest = 60 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: auditRecords(200)}
			c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: tt.page})
			if _, err := readAll(c, at(99), at(0)); err != nil {
				t.Fatal(err)
			}
			tt.spoil(log)
			got, err := c.Changed(t.Context(), at(99), at(0))
			if err != nil || !slices.Equal(got, []timerange.Range{{From: at(99), To: at(0)}}) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// In whatever order windows are read and records are added: Changed finds every new record, and
// after it was read Changed finds nothing.
func TestChangedFindsAll(t *testing.T) {
	t.Parallel()
	seeds := uint64(16)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 1))
		log := &auditLog{}
		center := seed%2 == 1
		for ms := range 400 {
			for range []int{0, 1, 1, 2, 9}[rng.IntN(5)] {
				log.Records = append(log.Records, auditRecord(ms, fmt.Sprint(len(log.Records))))
			}
		}
		page := 2 + rng.IntN(60)
		var c *Client
		if center {
			c = centerClient(t, (&centerOf{log: log}).ServeHTTP, atlassian.Options{PageSize: page})
		} else {
			c = cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: page})
		}
		type span struct{ from, to int }
		missing := map[string]bool{} // added after their place was read
		read := func(s timerange.Range) {
			got, err := readAll(c, s.From, s.To)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				delete(missing, "{"+r[strings.Index(r, `"creationDate"`):])
			}
		}
		for round := range 12 {
			for range rng.IntN(3) {
				to := rng.IntN(350)
				read(timerange.Range{From: at(to + rng.IntN(50)), To: at(to)})
			}
			for n := range rng.IntN(4) {
				ms := rng.IntN(300)
				text := fmt.Sprint("late ", round, n)
				insertRecord(log, ms, text)
				missing[auditRecord(ms, text)] = true
			}
			from, to := 300+rng.IntN(60), rng.IntN(20)
			spans, err := c.Changed(t.Context(), at(from), at(to))
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range spans {
				if s.From.Before(at(from)) || s.To.After(at(to)) || s.To.Before(s.From) || i > 0 && !s.From.After(spans[i-1].To) {
					t.Fatalf("seed %d: %v of %v", seed, spans, span{from, to})
				}
				read(s)
			}
			for r := range missing {
				if ms := int(Epoch.UnixMilli() - auditRecordTime(r)); ms >= to {
					t.Fatalf("seed %d, round %d: %s is not within %v", seed, round, r, spans)
				}
			}
			if center {
				// there the ends may not be inclusive, and one millisecond more is asked for
				continue
			}
			if again, err := c.Changed(t.Context(), at(from), at(to)); err != nil || len(again) > 0 {
				t.Fatalf("seed %d, round %d: read, and still %v, %v", seed, round, again, err)
			}
		}
	}
}

// centerOf is a Data Center with the records of another log.
type centerOf struct{ log *auditLog }

func (o *centerOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	center := &centerLog{Me: known, Newest: o.log.Newest, Open: o.log.Open, IgnoreDates: o.log.IgnoreDates}
	for _, record := range o.log.Records {
		center.Records = append(center.Records, fmt.Sprintf(`{"timestamp":%q,%s`, time.UnixMilli(auditRecordTime(record)).UTC().Format("2006-01-02T15:04:05.000Z"), record[1:]))
	}
	center.ServeHTTP(w, r)
}
