package paging_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/timerange"
)

// On a busy site, records lie close to both ends of what was read. They are not taken for new ones,
// and a late record is still found.
func TestChangedOfABusySite(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		synctest.Test(t, func(t *testing.T) {
			const minutes = 10
			begin := time.Now().Add(-minutes * time.Minute)
			sim, c := bubbled(t, k, simulate.Options{Records: minutes * 60 * 20, History: minutes * time.Minute, Seed: 5}, atlassian.Options{PageSize: 500})
			time.Sleep(time.Minute)
			read := func(from, to time.Time) {
				t.Helper()
				if err := c.Read(t.Context(), from, to.Add(-time.Millisecond), func(atlassian.Record) error { return nil }); err != nil {
					t.Fatal(err)
				}
			}
			from, middle, to := begin.Add(2*time.Minute), begin.Add(3*time.Minute), begin.Add(4*time.Minute)
			read(middle, to) // the newer one first, as when both are read at the same time
			read(from, middle)
			changed := func() []timerange.Range {
				spans, err := c.Changed(t.Context(), from, to.Add(-time.Millisecond))
				if err != nil {
					t.Fatal(err)
				}
				return spans
			}
			if spans := changed(); len(spans) > 0 {
				t.Errorf("%v: %v has changed, and nothing has", k, spans)
			}
			late := middle.Add(time.Second)
			sim.Add(simulate.Record{Time: late})
			found := false
			for _, span := range changed() {
				found = found || span.Contains(late)
			}
			if !found {
				t.Errorf("%v: the late record was not found", k)
			}
		})
	}
}
