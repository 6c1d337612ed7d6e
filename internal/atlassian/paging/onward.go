package paging

import (
	"hash/maphash"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Some servers list only the newest records of a query, as if there were no more. If a record older
// than the window is listed behind the others, all of them were listed. Otherwise the walk
// continues with another query, up to the time of the oldest record listed, until a query lists
// nothing new.

// fewest is the number of records that every server lists, if the query has so many.
const fewest = 100

// onward is how far back the queries of a walk have come.
type onward struct {
	slack  time.Duration // how much newer than until the listed records may be
	oldest time.Time     // time of the oldest record listed; zero while none has a time
	last   time.Time     // time of the last record listed that has one
	near   []nearRecord  // records listed that are at most slack newer than the oldest
	many   bool          // near is too long to recognise its records

	until time.Time      // end of the query under way; zero for the first
	again map[uint64]int // records of earlier queries that this one may list again
	fresh int            // records that this query was the first to list
	all   int            // listed by this query
}

// nearRecord is one record, by a hash of its text.
type nearRecord struct {
	at   time.Time
	text uint64
}

var nearSeed = maphash.MakeSeed()

// see notes a listed record and reports whether it is new: not listed by an earlier query.
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
		return false // the site rounds or ignores the end
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
		return true // not listed at its time
	}
	if o.many = len(o.near) >= maxCounted; !o.many {
		o.near = append(o.near, nearRecord{at, text})
	}
	return true
}

// mayHide reports whether the current query may have records that were not listed.
func (o *onward) mayHide() bool { return o.all >= fewest && !o.oldest.IsZero() && !o.many }

// listsAgain reports whether the current query lists nothing new.
func (o *onward) listsAgain() bool { return !o.until.IsZero() && o.fresh == 0 }

// begin starts the next query, which ends with the oldest record listed, and returns the end to ask
// for.
func (o *onward) begin() time.Time {
	o.until = o.oldest.Add(o.slack)
	o.again = make(map[uint64]int, len(o.near))
	for _, n := range o.near {
		o.again[n.text]++
	}
	o.last, o.fresh, o.all = time.Time{}, 0, 0
	return o.until
}

// hides returns the error for a site that lists only the newest records of a query, when more than
// that share a millisecond: the others cannot be read.
func (c *Log) hides() error {
	return atlassian.Fail(atlassian.CauseEndless, nil, "%s lists only the newest records of a query, and more than that share one millisecond", c.api.Host)
}
