package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"text/tabwriter"
	"time"

	"fluent-bit-confluence/test/rig"
)

// tally is the result of the rounds.
type tally struct {
	endings    []ending // how each run ended, without the last
	longest    time.Duration
	complaints complaints
}

// Reasons for a repeat that no ending of a run explains.
const (
	sameRun ending = "nothing, in the same run"
	resent  ending = "chunks that Fluent Bit sent again"
)

// blame returns the number of repeats by their reason: a kill, if there was one between the two
// hand-overs; else the ending before the second.
func (t *tally) blame(events []rig.Event) map[ending]int {
	handed := map[string][]rig.Event{} // by event id
	uuids := map[string]bool{}
	blame := map[ending]int{}
	for _, e := range events {
		if uuids[e.UUID] {
			blame[resent]++
			continue
		}
		uuids[e.UUID] = true
		handed[e.ID] = append(handed[e.ID], e)
	}
	for _, times := range handed {
		slices.SortFunc(times, func(a, b rig.Event) int { return a.Run - b.Run })
		for i, again := range times[1:] {
			before := times[i]
			switch between := t.endings[before.Run:again.Run]; {
			case len(between) == 0:
				blame[sameRun]++
			case slices.Contains(between, kill):
				blame[kill]++
			default:
				blame[between[len(between)-1]]++
			}
		}
	}
	return blame
}

// report prints the table, and returns what is wrong. All records that the site showed before
// healed must have arrived.
func (t *tally) report(b *bench, healed time.Time) error {
	c := b.compare(healed)
	repeated := t.blame(b.receiver.Events())
	ended := map[ending]int{sameRun: 0, resent: 0}
	for _, e := range t.endings {
		ended[e]++
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "rounds\t%d\n", len(t.endings))
	fmt.Fprintf(w, "records that had to arrive\t%d\n", c.Records)
	fmt.Fprintf(w, "deliveries\t%d\n", c.Events)
	fmt.Fprintf(w, "lost\t%d\n", len(c.Lost))
	fmt.Fprintf(w, "with more ids than copies\t%d\n", len(c.Surplus))
	for _, e := range slices.Sorted(maps.Keys(ended)) {
		fmt.Fprintf(w, "repeated after %s\t%d", e, repeated[e])
		if n := ended[e]; n > 0 {
			fmt.Fprintf(w, "\t(%d rounds)", n)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "longest stop\t%s\n", t.longest.Round(time.Millisecond))
	w.Flush()
	t.complaints.print()

	var errs []error
	errs = append(errs, b.check(c, repeated[kill]+repeated[resent]))
	if t.longest > longestStop {
		errs = append(errs, fmt.Errorf("a stop took %s", t.longest))
	}
	return errors.Join(errs...)
}

// complaints counts equal warnings and errors in the logs of Fluent Bit. Parts that differ, such as
// numbers, are removed.
type complaints map[string]int

var (
	complaint = regexp.MustCompile(`(?m)^\[[^\]]*\] \[( warn|error)\] (.*)$`)
	varying   = regexp.MustCompile(`[0-9a-f]*\d[0-9a-f]*`)
)

func (c complaints) read(log string) {
	for _, match := range complaint.FindAllStringSubmatch(log, -1) {
		c[fmt.Sprintf("%.140s", varying.ReplaceAllString(match[1]+" "+match[2], "#"))]++
	}
}

func (c complaints) print() {
	if len(c) == 0 {
		return
	}
	fmt.Println("warnings and errors in the log:")
	for _, text := range slices.Sorted(maps.Keys(c)) {
		fmt.Printf("%6d %s\n", c[text], text)
	}
}
