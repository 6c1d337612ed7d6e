package paging

import (
	"hash/maphash"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Some servers truncate: they list only the newest records of a query, as if there were no more. If
// a record older than the window is listed behind the others, all of them were listed. Otherwise
// the walk continues with another query, up to the time of the oldest record listed, until a query
// lists nothing new.

// fewest is the number of records that every server lists, if the query has so many.
const fewest = 100

// continuation is how far back the queries of a walk have come.
type continuation struct {
	slack   time.Duration // how much newer than until the listed records may be
	oldest  time.Time     // time of the oldest record listed; zero while none has a time
	last    time.Time     // time of the last record listed that has one
	near    []nearRecord  // records listed that are at most slack newer than the oldest
	tooMany bool          // near is too long to recognise its records

	until   time.Time      // end of the query under way; zero for the first
	repeats map[uint64]int // records of earlier queries that this one may list again
	fresh   int            // records that this query was the first to list
	listed  int            // by this query
}

// nearRecord is one record, by a hash of its text.
type nearRecord struct {
	at   time.Time
	text uint64
}

var nearSeed = maphash.MakeSeed()

// see notes a listed record and reports whether it is new: not listed by an earlier query.
func (c *continuation) see(r atlassian.Record) bool {
	c.listed++
	if !r.Time.IsZero() {
		c.last = r.Time
	}
	at := c.last
	if at.IsZero() {
		return true
	}
	if !c.until.IsZero() && at.After(c.until) {
		return false // the site rounds or ignores the end
	}
	text := maphash.Bytes(nearSeed, r.Raw)
	if c.repeats[text] > 0 {
		c.repeats[text]--
		return false
	}
	c.fresh++
	switch {
	case c.oldest.IsZero() || at.Before(c.oldest):
		c.oldest = at
		c.near = slices.DeleteFunc(c.near, func(n nearRecord) bool { return n.at.Sub(at) > c.slack })
	case at.Sub(c.oldest) > c.slack:
		return true // not listed at its time
	}
	if c.tooMany = len(c.near) >= maxCounted; !c.tooMany {
		c.near = append(c.near, nearRecord{at, text})
	}
	return true
}

// mayBeTruncated reports whether the current query may have records that were not listed.
func (c *continuation) mayBeTruncated() bool {
	return c.listed >= fewest && !c.oldest.IsZero() && !c.tooMany
}

// isFirst reports whether the current query is the first.
func (c *continuation) isFirst() bool { return c.until.IsZero() }

// onlyRepeats reports whether the current query is not the first and lists nothing new.
func (c *continuation) onlyRepeats() bool { return !c.isFirst() && c.fresh == 0 }

// next starts the next query, which ends with the oldest record listed, and returns the end to ask
// for.
func (c *continuation) next() time.Time {
	c.until = c.oldest.Add(c.slack)
	c.repeats = make(map[uint64]int, len(c.near))
	for _, n := range c.near {
		c.repeats[n.text]++
	}
	c.last, c.fresh, c.listed = time.Time{}, 0, 0
	return c.until
}

// older returns the latest time before all records listed. The records up to it, if there are any,
// were not listed.
func (c *continuation) older() time.Time { return c.oldest.Add(-time.Millisecond) }

// provesTruncated reports whether an answer to the question for the newest record up to older shows
// that there are such records. A site that ignores the end of a query answers with a newer one,
// which proves nothing.
func (c *continuation) provesTruncated(answer []atlassian.Record) bool {
	return len(answer) > 0 && answer[0].Time.Before(c.oldest)
}

// truncated returns the error for a site that truncates its lists, when more records than it lists
// share a millisecond: the others cannot be read.
func (l *Log) truncated() error {
	return atlassian.Fail(atlassian.CauseEndless, nil, "%s lists only the newest records of a query, and more than that share one millisecond", l.client.Host)
}
