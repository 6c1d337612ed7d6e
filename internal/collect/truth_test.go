package collect_test

import (
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/simulate"
)

// often makes the polls of a test short.
var often = collect.Options{PollInterval: 50 * time.Millisecond}

// A site that lists nothing when asked for a range of time is an outage until it lists its records
// again, whenever that begins.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		site   simulate.Options
		before int // records delivered before the silence
	}{
		"from the start":     {site: simulate.Options{Records: 100}},
		"on a quiet site":    {site: simulate.Options{Records: 100}, before: 100},
		"during a catch-up":  {site: simulate.Options{Records: 30_000, Latency: 5 * time.Millisecond}, before: 5_000},
		"while records come": {site: simulate.Options{Records: 100, Rate: 200}, before: 150},
		"on a Data Center":   {site: simulate.Options{Records: 100, Deployment: simulate.DataCenter}, before: 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulate.New(tt.site)
			silent := simulate.Fault{Kind: simulate.FaultSilent}
			if tt.before == 0 {
				if err := sim.SetFaults(silent); err != nil {
					t.Fatal(err)
				}
			}
			o := often
			o.HealthSite = "https://acme.atlassian.net"
			l := begin(t, sim, nil, o)
			l.until("the first records", func() bool { return l.records() >= tt.before })
			if err := sim.SetFaults(silent); err != nil {
				t.Fatal(err)
			}
			said := func() bool { return strings.Contains(l.lines(), "but lists none when asked for that time") }
			l.until("the outage", func() bool { return said() && l.Stats().Failing() })
			if strings.Contains(l.lines(), "again") {
				t.Errorf("it takes the site for mended:\n%s", l.lines())
			}
			if err := sim.SetFaults(); err != nil {
				t.Fatal(err)
			}
			l.mend()
			l.until("the end of the outage", func() bool { return strings.Contains(l.lines(), "can be read again") })
			l.until("all records", func() bool {
				n := 0
				for r := range sim.Records() {
					if !strings.HasPrefix(r.Serial, "SEARCH-") && r.Time.Before(time.Now().Add(-time.Second)) {
						n += r.Copies
					}
				}
				return l.audited() >= n
			})
			if log := l.lines(); strings.Count(log, "but lists none") != 1 || strings.Count(log, "again") != 1 {
				t.Errorf("the log:\n%s", log)
			}
			for _, health := range []collect.Health{collect.AccessLost, collect.AccessRegained} {
				l.until(string(health), func() bool { return l.health(health) })
			}
		})
	}
}

// A quiet site is no silent one if it cuts times to seconds, or if the ends of a query do not belong
// to it.
func TestQuietSiteWithOtherEnds(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulate.FaultKind{simulate.FaultSeconds, simulate.FaultOpenEnds} {
		for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
			t.Run(string(fault)+", "+deployment, func(t *testing.T) {
				t.Parallel()
				sim := simulate.New(simulate.Options{Records: 50, Deployment: deployment, Faults: []simulate.Fault{{Kind: fault}, {Kind: simulate.FaultNoSearchEvents}}})
				o := often
				o.Start = time.Now() // nothing to deliver: the first poll probes the site
				l := begin(t, sim, nil, o)
				l.until("the first probe", func() bool { return strings.Contains(l.lines(), "access works") || l.Stats().Failing() })
				if log := l.lines(); strings.Contains(log, "lists none") || l.Stats().Failing() {
					t.Errorf("the log:\n%s", log)
				}
			})
		}
	}
}

// Whatever the site's clock says, records are delivered with each poll.
func TestSiteClock(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulate.Fault{
		"a day behind":    {Kind: simulate.FaultDateSkew, Value: "-24h", Path: "/"},
		"two hours ahead": {Kind: simulate.FaultDateSkew, Value: "2h", Path: "/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulate.New(simulate.Options{Records: 100, Rate: 100, Faults: []simulate.Fault{fault}})
			l := begin(t, sim, nil, often)
			l.until("new records", func() bool { return l.records() >= 600 })
			if log := l.lines(); strings.Count(log, "the clocks disagree")+strings.Count(log, "clock is ") != 1 {
				t.Errorf("that the clocks disagree is not logged once:\n%s", log)
			}
			l.polls(1)
			before, polls := l.audit(), 20
			l.polls(polls)
			if n := l.audit() - before; n > 6*polls {
				t.Errorf("%d requests for %d polls", n, polls)
			}
		})
	}
}

// A change at Atlassian that gives old records a new member makes none of them new.
func TestRollOut(t *testing.T) {
	t.Parallel()
	for name, records := range map[string]int{"few": 300, "more than a poll reads": 5_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// There are twins among them, and records that share a millisecond.
			sim := simulate.New(simulate.Options{Records: records, History: 8 * time.Minute, Twins: 0.1})
			l := begin(t, sim, nil, often)
			l.until("all records", func() bool { return l.records() == records })
			if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultRollOut}); err != nil {
				t.Fatal(err)
			}
			l.polls(3)
			sim.Add(simulate.Record{})
			sim.Add(simulate.Record{Time: time.Now().Add(-4 * time.Minute)}) // late
			l.until("what is new", func() bool { return l.records() >= records+2 })
			l.polls(3)
			if n := l.records(); n > records+2+4 {
				t.Errorf("%d records came, there are %d", n, records+2)
			}
		})
	}
}
