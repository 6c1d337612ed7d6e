package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"sort"
	"text/tabwriter"
	"time"
)

// tally is what is known at the end of the rounds.
type tally struct {
	ended      map[ending]int
	starts     []begun
	longest    time.Duration
	complaints complaints
}

// cause is the ending after which something arrived.
func (t *tally) cause(at time.Time) ending {
	n := sort.Search(len(t.starts), func(i int) bool { return t.starts[i].at.After(at) })
	return t.starts[max(n-1, 0)].why
}

// report prints the table and says what is wrong.
func (t *tally) report(b *bench) error {
	c := b.compare(time.Time{})
	stopped := b.compare(t.starts[len(t.starts)-1].at) // what was shown before the last start must be there
	repeated := map[ending]int{}
	for _, e := range c.Repeated {
		repeated[t.cause(e.Arrived)]++
	}
	orderly := len(c.Repeated) - repeated[kill]

	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, e := range slices.Sorted(maps.Keys(t.ended)) {
		fmt.Fprintf(w, "rounds that ended by %s\t%d\trepeated after them\t%d\n", e, t.ended[e], repeated[e])
	}
	fmt.Fprintf(w, "records\t%d\n", c.Records)
	fmt.Fprintf(w, "deliveries\t%d\n", c.Events)
	fmt.Fprintf(w, "lost\t%d\n", len(stopped.Lost))
	fmt.Fprintf(w, "with more ids than copies\t%d\n", len(c.Surplus))
	fmt.Fprintf(w, "repeated after kills\t%d\n", repeated[kill])
	fmt.Fprintf(w, "repeated otherwise\t%d\n", orderly)
	fmt.Fprintf(w, "longest stop\t%s\n", t.longest.Round(time.Millisecond))
	w.Flush()
	t.complaints.print()

	var errs []error
	errs = append(errs, b.check(stopped, repeated[kill]))
	if t.longest > longestStop {
		errs = append(errs, fmt.Errorf("a stop took %s", t.longest))
	}
	return errors.Join(errs...)
}

// complaints counts the warnings and errors in logs of Fluent Bit, without what differs from one to the next.
type complaints map[string]int

var (
	complaint = regexp.MustCompile(`(?m)^\[[^\]]*\] \[( warn|error)\] (.*)$`)
	varying   = regexp.MustCompile(`\d+`)
)

func (c complaints) read(log string) {
	for _, match := range complaint.FindAllStringSubmatch(log, -1) {
		c[fmt.Sprintf("%.160s", varying.ReplaceAllString(match[1]+" "+match[2], "#"))]++
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
