package collect_test

import (
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/simulate"
)

// A burst costs about one request for each page, wherever its records lie. Afterwards a poll costs
// two at most.
func TestBurst(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		site simulate.Options
		// records of one millisecond that come when the collector has long been running
		sudden   int
		requests int
	}{
		"4,000 in one millisecond":            {sudden: 4_000, site: simulate.Options{Records: 50}, requests: 40},
		"30,000 in 30 seconds":                {site: simulate.Options{Records: 30_000, History: 30 * time.Second}, requests: 60},
		"30,000 in 30 seconds, 12 hours ago":  {site: simulate.Options{Records: 30_000, History: 30 * time.Second, Start: time.Now().Add(-12 * time.Hour)}, requests: 66},
		"8,000 in 10 minutes, within overlap": {site: simulate.Options{Records: 8_000, History: 10 * time.Minute}, requests: 24},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const interval = 250 * time.Millisecond
			tt.site.Latency = 10 * time.Millisecond
			sim := simulate.New(tt.site)
			l := begin(t, sim, nil, collect.Options{PollInterval: interval})
			if tt.sudden > 0 {
				l.polls(2)
				if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultBurst}); err != nil {
					t.Fatal(err)
				}
			}
			before, began := l.audit(), time.Now()
			l.until("all records", func() bool { return l.records() == tt.site.Records+tt.sudden })
			// On a slow machine more polls are due while the burst is read.
			polls := 2 * int(time.Since(began)/interval)
			if n := l.audit() - before; n > tt.requests+polls {
				t.Errorf("%d requests, want %d at most, and %d for polls", n, tt.requests, polls)
			} else {
				t.Logf("%d requests", n)
			}
			l.polls(2)
			seen := len(sim.Requests())
			l.polls(5)
			reads, looks := 0, 0
			for _, r := range sim.Requests()[seen:] {
				if strings.Contains(r.Query, "limit=1000") {
					reads++
				} else {
					looks++
				}
			}
			// A poll begins with one read, and one poll may be under way at either end.
			if looks > reads+1 {
				t.Errorf("%d readings and %d other requests for polls of a site where nothing happens", reads, looks)
			}
			l.once()
		})
	}
}
