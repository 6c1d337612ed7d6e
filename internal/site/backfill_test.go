package site_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/window"
)

// fillBack runs a backfill of so many records in a year from a site that answers in 300 ms, with so
// many requests at a time. It returns how long it took, and how many requests were sent and refused.
func fillBack(t *testing.T, k kind, records, atATime int, faults ...simulate.Fault) (took time.Duration, sent, refused int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const year, page = 365 * 24 * time.Hour, 100
		sim := simulate.New(k.Of(simulate.Options{Records: records, History: year - time.Hour, Seed: 3, Latency: 300 * time.Millisecond, Faults: faults}))
		client := bubbledTo(t, k, sim, atlassian.Options{PageSize: page})
		begun := time.Now()
		l := lead(t, client, state.NewMemory(), collect.Options{BackfillRequests: atATime, Slowed: client.Slowed, Start: begun.Add(-year),
			PollInterval: 10 * time.Second, Overlap: 10 * time.Minute, Limits: collect.Limits{Window: window.Limits{Page: page}}}, map[string]int{})
		for len(l.got) < records && time.Since(begun) < time.Hour {
			l.pass(100 * time.Millisecond)
		}
		took = time.Since(begun)
		l.end()
		if missing, again := l.compare(sim, begun); missing > 0 || again > 0 {
			t.Errorf("%v: %d records are missing, %d came again", k, missing, again)
		}
		for _, r := range sim.Requests() {
			sent++
			if r.Status == http.StatusTooManyRequests {
				refused++
			}
		}
	})
	return took, sent, refused
}

// A backfill that reads four pieces at the same time takes about a third of the time, also of the
// polls in between, with hardly a request more. If the site refuses the third request at a time, it
// refuses very few.
func TestBackfillRequests(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			const records, many = 12_000, 48_000
			alone, least, _ := fillBack(t, k, records, 1)
			together, sent, _ := fillBack(t, k, records, 4)
			if together > alone*2/5 {
				t.Errorf("4 at a time take %v, one at a time takes %v", together, alone)
			}
			if sent > least+least/20 {
				t.Errorf("%d requests, and %d one at a time", sent, least)
			}
			// A poll or a retry beside the backfill adds some. Without a memory for what was refused
			// there would be one in twenty.
			limited, _, refused := fillBack(t, k, many, 4, simulate.Fault{Kind: simulate.FaultCrowd})
			if refused > 8 || limited > 2*alone*many/records {
				t.Errorf("a site that takes two at a time has refused %d requests; the backfill took %v", refused, limited)
			}
			t.Log(alone, least, together, sent, limited, refused)
		})
	}
}
