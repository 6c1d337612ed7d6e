package paging_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// silences are which requests get an answer without records (x), and whether the last goes on for
// good.
var silences = []string{"x for good", "x", "xx", "xxx", "x.x for good", "x.x.x for good", "x...x for good"}

// silent returns the faults of a silence that begins after some requests.
func silent(pattern string, after int) (faults []simulate.Fault) {
	requests, forGood := strings.CutSuffix(pattern, " for good")
	for i, r := range requests {
		if r != 'x' {
			continue
		}
		f := simulate.Fault{Kind: simulate.FaultSilent, After: after + i, Count: 1}
		if forGood && i == len(requests)-1 {
			f.Count = 0
		}
		faults = append(faults, f)
	}
	return faults
}

// A site that stops to list records in the middle of a Read, for good or for some requests, does
// not make the Read seem complete. An empty window is another matter: who reads it has to prove it.
func TestSilentInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		for _, tt := range []struct {
			records      int
			page, newest string
		}{
			{450, "100", ""}, {450, "150", ""}, // the last page is full, or is not
			{60, "25", ""},      // fewer than every server is taken to list at once
			{450, "100", "200"}, // the site lists only the newest records of a query
		} {
			t.Run(fmt.Sprint(k, " pages of ", tt.page, " of ", tt.newest), func(t *testing.T) {
				t.Parallel()
				for after := 1; after < 8; after++ {
					for _, pattern := range silences {
						if tt.newest != "" && strings.Contains(pattern, "x.x") {
							continue // the end of such a list is shown by two answers
						}
						sim, c := simulated(t, k, simulate.Options{Records: tt.records}, atlassian.Options{AllowHTTP: true})
						if _, err := c.Connect(t.Context()); err != nil {
							t.Fatal(err)
						}
						want := len(expected(sim))
						faults := append(silent(pattern, after), simulate.Fault{Kind: simulate.FaultPageCap, Value: tt.page})
						if tt.newest != "" {
							faults = append(faults, simulate.Fault{Kind: simulate.FaultNewestOnly, Value: tt.newest})
						}
						if err := sim.SetFaults(faults...); err != nil {
							t.Fatal(err)
						}
						if got, err := readAll(c, time.Now().AddDate(-20, 0, 0), time.Now()); err == nil && len(got) < want {
							t.Errorf("silent after %d requests, %s: read %d of %d and no error", after, pattern, len(got), want)
						}
					}
				}
			})
		}
	}
}

// A site that leaves out the ends of a query lists nothing up to its oldest record. That is no
// silence.
func TestNothingUpToTheOldest(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(150), Open: true}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{})
	if got, err := readAll(c, at(5000), Epoch.Add(time.Second)); err != nil || len(got) != 150 {
		t.Errorf("%d records, %v", len(got), err)
	}
}

// A Data Center may end a list with an empty page, and one that rounds may list nothing up to its
// oldest record. Neither is a silence.
func TestEmptyPageAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, rounds := range []bool{false, true} {
		for _, from := range []int{199, 98, 5000} { // the site has 200 records, a millisecond apart
			t.Run(fmt.Sprint(from, " rounds ", rounds), func(t *testing.T) {
				t.Parallel()
				requests := 0
				c := centerClient(t, func(w http.ResponseWriter, r *http.Request) {
					if !strings.HasSuffix(r.URL.Path, "/events") {
						fmt.Fprint(w, known)
						return
					}
					requests++
					listed, limit := emptyAtTheEnd(r.URL.Query(), rounds)
					records, cursor := make([]string, len(listed)), ""
					for i, ms := range listed {
						records[i], cursor = centerRecord(ms, "some.action", "somebody"), fmt.Sprint(ms)
					}
					fmt.Fprintf(w, `{"entities":[%s],"pagingInfo":{"lastPage":%t,"nextPageCursor":%q}}`, strings.Join(records, ","), len(listed) < limit, cursor)
				}, atlassian.Options{PageSize: 50})
				got, err := readAll(c, at(from), Epoch.Add(time.Hour))
				if want := min(from+1, 200); err != nil || len(got) != want || requests > 16 {
					t.Errorf("%d records in %d requests, %v; want %d", len(got), requests, err, want)
				}
			})
		}
	}
}

// emptyAtTheEnd returns how many milliseconds before the epoch the records of a page are, and how
// many were asked for.
func emptyAtTheEnd(q url.Values, rounds bool) (listed []int, limit int) {
	from, _ := time.Parse(time.RFC3339, q.Get("from"))
	to, err := time.Parse(time.RFC3339, q.Get("to"))
	if err != nil {
		to = Epoch
	}
	if rounds {
		to = to.Truncate(time.Second)
	}
	behind, err := strconv.Atoi(q.Get("pageCursor"))
	if err != nil {
		behind = -1
	}
	for ms := behind + 1; ms < 200; ms++ {
		if !at(ms).Before(from) && !at(ms).After(to) {
			listed = append(listed, ms)
		}
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	limit, _ = strconv.Atoi(q.Get("limit"))
	listed = listed[min(offset, len(listed)):]
	return listed[:min(limit, len(listed))], limit
}
