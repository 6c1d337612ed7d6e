package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"fluent-bit-confluence/test/rig"
)

// unnoted is how long after it has arrived a record may be handed over and not committed, on a busy
// machine with a slow database.
const unnoted = 10 * time.Second

// blame returns the number of repeats by what explains them: something that may repeat what is in
// flight has happened to one of the two processes that handed the record over, or to the database,
// between when the site showed it and when it must have been committed.
func (g *group) blame() (blame map[string]int, inexplicable []string) {
	blame = make(map[string]int)
	shown := make(map[string]time.Time)
	for host, site := range g.sites {
		for r := range site.Records() {
			shown["http://"+host+r.Serial] = r.Visible
		}
	}
	last, uuids := make(map[string]rig.Event), make(map[string]bool)
	for _, e := range g.receiver.Events() {
		if uuids[e.UUID] {
			blame[string(resent)]++
			continue
		}
		uuids[e.UUID] = true
		before, again := last[e.ID]
		last[e.ID] = e
		if !again {
			continue
		}
		visible := shown[e.Site+e.Serial]
		if why := append(g.between(before, visible), g.between(e, visible)...); len(why) > 0 {
			blame[why[len(why)-1].name]++
			continue
		}
		inexplicable = append(inexplicable, fmt.Sprintf("%s %s: shown %s, arrived %s of process %d (run %d), and %s of process %d (run %d)", e.Site, e.Serial, clock(visible),
			clock(before.Arrived), g.diary.runs[before.Run], before.Run, clock(e.Arrived), g.diary.runs[e.Run], e.Run))
	}
	return blame, inexplicable
}

func (g *group) between(e rig.Event, visible time.Time) []*trouble {
	return g.diary.during(g.diary.runs[e.Run], visible, e.Arrived.Add(unnoted), mayRepeat)
}

func clock(t time.Time) string { return t.Format("15:04:05.000") }

// report prints the table, and returns what is wrong. All records that the sites showed before
// healed must have arrived.
func (g *group) report(healed time.Time) error {
	leases, err := g.leases()
	if err != nil {
		return err
	}
	c := g.compare(healed)
	repeated, inexplicable := g.blame()
	strangers, late := g.strangers(leases)
	longest, calm := g.takeOver(leases)
	happened := make(map[string]int)
	for _, t := range g.diary.troubles {
		happened[t.name]++
	}
	held := 0
	for _, those := range leases {
		held += len(those)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "processes, sites\t%d, %d\n", len(g.members), len(g.sites))
	fmt.Fprintf(w, "records that had to arrive\t%d\n", c.Records)
	fmt.Fprintf(w, "deliveries\t%d\n", c.Events)
	fmt.Fprintf(w, "lost\t%d\n", len(c.Lost))
	fmt.Fprintf(w, "with more ids than copies\t%d\n", len(c.Surplus))
	fmt.Fprintf(w, "repeated\t%d\n", len(c.Repeated))
	fmt.Fprintf(w, "  after orderly ends, moves and brief faults\t%d\n", len(inexplicable))
	fmt.Fprintf(w, "  %s\t%d\n", resent, repeated[string(resent)])
	for _, name := range slices.Sorted(maps.Keys(happened)) {
		fmt.Fprintf(w, "  after: %s\t%d\t(%d times)\n", name, repeated[name], happened[name])
	}
	fmt.Fprintf(w, "leases\t%d\n", held)
	fmt.Fprintf(w, "requests of processes that held the log\t%d\n", len(g.requests.all)-len(strangers)-late)
	fmt.Fprintf(w, "requests that were under way at the end\t%d\n", late)
	fmt.Fprintf(w, "two readers of one site within a lease\t%d\t(requests of others)\n", len(strangers))
	fmt.Fprintf(w, "longest time until a killed process's log was taken\t%s\t(%s when nothing else happened)\n", longest.Round(time.Millisecond), calm.Round(time.Millisecond))
	fmt.Fprintf(w, "longest stop\t%s\n", g.diary.longest.Round(time.Millisecond))
	w.Flush()
	g.diary.complaints.print()

	var errs []error
	if !c.Complete() || len(c.Surplus) > 0 {
		errs = append(errs, fmt.Errorf("not all have come: %s", c))
	}
	if len(inexplicable) > 0 {
		errs = append(errs, fmt.Errorf("nothing explains %d repeats:\n%s", len(inexplicable), strings.Join(inexplicable[:min(20, len(inexplicable))], "\n")))
	}
	for _, q := range strangers[:min(20, len(strangers))] {
		errs = append(errs, fmt.Errorf("process %d asked %s at %s without holding its log", q.process, q.host, clock(q.began)))
	}
	if g.diary.longest > longestStop {
		errs = append(errs, fmt.Errorf("a stop took %s", g.diary.longest))
	}
	if m := g.receiver.Mistakes(); len(m) > 0 {
		errs = append(errs, fmt.Errorf("%d lines arrived that are no event, such as %s", len(m), m[0]))
	}
	return errors.Join(errs...)
}
