package paging

import (
	"hash/maphash"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Some servers give only the newest records of a query, as if there were no more. A record from
// before the window, listed behind the others, shows that all of them came. Without one the walk
// goes on with another query, for what is as old as the oldest record listed, until a query lists
// nothing new.

// fewest is what no server gives less of, however many records a query has.
const fewest = 100

// onward is how far the queries of a walk have come, by time.
type onward struct {
	slack  time.Duration // how much longer than until the site may list
	oldest time.Time     // record listed; zero while none has a time
	last   time.Time     // of the records listed, as far as it has a time
	near   []nearRecord  // listed, no more than slack younger than the oldest
	many   bool          // there are too many of them to know them again

	until time.Time      // end of the query under way; zero for the first
	again map[uint64]int // records of earlier queries that this one lists again
	fresh int            // listed by this query first
	all   int            // listed by this query
}

// nearRecord is one record, by its text.
type nearRecord struct {
	at   time.Time
	text uint64
}

var nearSeed = maphash.MakeSeed()

// see notes a record that is listed, and tells whether no query has listed it before.
func (o *onward) see(r atlassian.Record) bool {
	o.all++
	if !r.Time.IsZero() {
		o.last = r.Time
	}
	at := o.last
	if at.IsZero() {
		return true
	}
	if !o.until.IsZero() && at.After(o.until) {
		return false // by a site that rounds or ignores the end
	}
	text := maphash.Bytes(nearSeed, r.Raw)
	if o.again[text] > 0 {
		o.again[text]--
		return false
	}
	o.fresh++
	switch {
	case o.oldest.IsZero() || at.Before(o.oldest):
		o.oldest = at
		o.near = slices.DeleteFunc(o.near, func(n nearRecord) bool { return n.at.Sub(at) > o.slack })
	case at.Sub(o.oldest) > o.slack:
		return true // not where its time says
	}
	if o.many = len(o.near) >= maxCounted; !o.many {
		o.near = append(o.near, nearRecord{at, text})
	}
	return true
}

// mayHide tells whether the query under way may have records that it did not list.
func (o *onward) mayHide() bool { return o.all >= fewest && !o.oldest.IsZero() && !o.many }

// listsAgain tells whether the query under way lists nothing but what earlier ones have.
func (o *onward) listsAgain() bool { return !o.until.IsZero() && o.fresh == 0 }

// begin makes the next query one of what is as old as the oldest record listed, and returns the end
// to ask for.
func (o *onward) begin() time.Time {
	o.until = o.oldest.Add(o.slack)
	o.again = make(map[uint64]int, len(o.near))
	for _, n := range o.near {
		o.again[n.text]++
	}
	o.last, o.fresh, o.all = time.Time{}, 0, 0
	return o.until
}

// hides is the error of a site that lists only the newest records of a query when more than that
// share a millisecond: those that it does not list cannot be had.
func (c *Log) hides() error {
	return atlassian.Fail(atlassian.CauseEndless, nil, "%s lists only the newest records of a query, and more than that share one millisecond", c.api.Host)
}
