package paging_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// If more records are late than are counted at once, all places where they are late are found, also
// on a server that sends no more than a page.
func TestChangedInManyPlaces(t *testing.T) {
	t.Parallel()
	for _, page := range []int{50, 500} {
		log := &auditLog{Records: auditRecords(1000), Cap: func(asked int) int { return min(asked, page) }}
		c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: page})
		if _, err := readAll(c, at(999), at(0)); err != nil {
			t.Fatal(err)
		}
		places := []int{100, 300, 900}
		for n := range 3 * 120 {
			insertRecord(log, places[n%3], fmt.Sprint("late ", n))
		}
		got, err := c.Changed(t.Context(), at(999), at(0))
		if err != nil {
			t.Fatal(err)
		}
		for _, ms := range places {
			if !covers(got, at(ms)) {
				t.Errorf("pages of %d: %v are said to have changed, and not %v", page, got, at(ms))
			}
		}
	}
}

// Records that share a millisecond are counted together, so what has changed is found as precisely as
// among others.
func TestChangedAmongTwins(t *testing.T) {
	t.Parallel()
	log := &auditLog{}
	for i := range 1000 {
		log.Records = append(log.Records, auditRecord(i/4, fmt.Sprint("record ", i)))
	}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
	if _, err := readAll(c, at(249), at(0)); err != nil {
		t.Fatal(err)
	}
	for _, ms := range []int{30, 120, 220} {
		insertRecord(log, ms, "late")
		got, err := c.Changed(t.Context(), at(249), at(0))
		if err != nil || len(got) != 1 || !got[0].Contains(at(ms)) || got[0].To.Sub(got[0].From) > 50/4*time.Millisecond {
			t.Fatalf("%v have changed, want about a page around %v; %v", got, at(ms), err)
		}
		if _, err := readAll(c, got[0].From, got[0].To); err != nil {
			t.Fatal(err)
		}
	}
}

// So is what has changed beside a millisecond with most of the records, at whichever end it lies.
func TestChangedBesideBulk(t *testing.T) {
	t.Parallel()
	for _, bulk := range []int{0, 101} {
		log := &auditLog{}
		for ms := range 100 {
			log.Records = append(log.Records, auditRecord(1+ms, fmt.Sprint("record ", ms)))
		}
		for n := range 200 {
			insertRecord(log, bulk, fmt.Sprint("bulk ", n))
		}
		c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
		if _, err := readAll(c, at(101), at(0)); err != nil {
			t.Fatal(err)
		}
		insertRecord(log, 70, "late")
		got, err := c.Changed(t.Context(), at(101), at(0))
		if err != nil || len(got) != 1 || !got[0].Contains(at(70)) || got[0].To.Sub(got[0].From) > 50*time.Millisecond {
			t.Errorf("%v have changed, want about a page around %v; %v", got, at(70), err)
		}
	}
}

// A record that is written while a range is compared, in the same millisecond as the record behind
// the range, is no change of the range.
func TestChangedWhileWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(Epoch))
		log := &centerLog{Me: known}
		for ms := range 50 {
			log.Records = append(log.Records, centerRecord(ms, "a", "b"))
		}
		c := bubbledTo(t, kinds[1], log, atlassian.Options{})
		if _, err := readAll(c, at(49), at(0)); err != nil {
			t.Fatal(err)
		}
		log.Queries = nil
		if got, err := c.Changed(t.Context(), at(49), at(0)); err != nil || len(got) > 0 || len(log.Queries) > 1 {
			t.Errorf("%v have changed, %v; asked %q", got, err, log.Queries)
		}
		log.Records = slices.Insert(log.Records, 0, centerRecord(0, "a", "another"))
		if got, err := c.Changed(t.Context(), at(49), at(1)); err != nil || len(got) > 0 {
			t.Errorf("%v have changed, %v", got, err)
		}
	})
}
