package collect

import (
	"context"
	"slices"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/window"
)

// An identity is the key of one record, and whether the record was delivered before.
type identity struct {
	key           outbox.Key
	occurrence    uint32 // how many records with the same key are listed before it
	delivered     bool
	byFingerprint bool // it is identified by its fingerprint alone
}

// identities are the identities of the records of a window. Their memory is used again for the next
// window.
type identities struct {
	of []identity
	// corrections replace the fingerprints of a millisecond whose delivered records have changed
	// since. The key is the index of the first record of the millisecond.
	corrections map[int][]outbox.Seen

	times   []int64      // milliseconds that lie in the window as a whole
	keys    []outbox.Key // of the records that are identified by their fingerprints alone
	tallies map[outbox.Key]tally
}

// tally counts the records with a key: how many the window lists, and how many were delivered.
type tally struct{ listed, delivered uint32 }

// identify parses the records of w into docs and finds out which were delivered before.
//
// An audit log only grows. So the number of records in a millisecond decides, if all of the
// millisecond lies in the window: if as many were delivered as are listed, none is new, even if
// their content has changed. If more are listed, the fingerprints tell which are new.
//
// Records without a time, records from outside the window and records of a stream are identified by
// their fingerprints alone.
func (c *Collector) identify(ctx context.Context, w *window.Window, s *stream) error {
	n := &c.identities
	n.of = slices.Grow(n.of[:0], len(w.Records))[:len(w.Records)]
	n.times, n.keys, n.corrections = n.times[:0], n.keys[:0], nil
	for i, r := range w.Records {
		id := identity{key: outbox.Key{Fingerprint: c.hasher.Fingerprint(c.docs.Add(r.Raw))}}
		if !r.Time.IsZero() {
			id.key.Time = r.Time.UnixMilli()
		}
		id.byFingerprint = s != nil || id.key.Time == 0 || !w.Contains(r.Time)
		n.of[i] = id
		if id.byFingerprint {
			n.keys = append(n.keys, id.key)
		} else if last := len(n.times) - 1; last < 0 || n.times[last] != id.key.Time {
			n.times = append(n.times, id.key.Time)
		}
	}
	// All are looked up at once, before the first record is queued: after that the outbox also
	// counts records of this window, and a commit may forget old ones.
	delivered, err := c.outbox.Delivered(ctx, n.times)
	if err != nil {
		return err
	}
	if len(n.keys) > 0 {
		counts, err := c.outbox.Count(ctx, n.keys)
		if err != nil {
			return err
		}
		n.compareFingerprints(counts, s)
	}
	n.compareNumbers(delivered)
	return nil
}

// compareFingerprints finds out which of the records that are identified by their fingerprints
// alone were delivered.
func (n *identities) compareFingerprints(delivered []uint32, s *stream) {
	if s == nil {
		s = &stream{}
	}
	next := 0
	for i := range n.of {
		if id := &n.of[i]; id.byFingerprint {
			id.occurrence = s.occurrence(id.key.Fingerprint)
			id.delivered = id.occurrence < delivered[next]
			next++
		}
	}
}

// compareNumbers finds out which of the other records were delivered, one millisecond after
// another, from what was delivered in those milliseconds, oldest first. Records that are identified
// by their fingerprints alone may lie between two records of a millisecond.
func (n *identities) compareNumbers(delivered []outbox.Seen) {
	for first := 0; first < len(n.of); {
		if n.of[first].byFingerprint {
			first++
			continue
		}
		at, end := n.of[first].key.Time, first+1
		for end < len(n.of) && (n.of[end].byFingerprint || n.of[end].key.Time == at) {
			end++
		}
		for len(delivered) > 0 && delivered[0].Key.Time < at {
			delivered = delivered[1:]
		}
		known := 0
		for known < len(delivered) && delivered[known].Key.Time == at {
			known++
		}
		if known > 0 || end-first > 1 {
			n.compare(first, end, delivered[:known])
		}
		first, delivered = end, delivered[known:]
	}
}

// compare finds out which of the records from first to end were delivered. They are of one
// millisecond; delivered are the counts of that millisecond.
func (n *identities) compare(first, end int, delivered []outbox.Seen) {
	if n.tallies == nil {
		n.tallies = make(map[outbox.Key]tally)
	}
	clear(n.tallies)
	sum, listed, unknown := 0, 0, 0
	for _, seen := range delivered {
		n.tallies[seen.Key] = tally{delivered: seen.Count}
		sum += int(seen.Count)
	}
	for i := first; i < end; i++ {
		id := &n.of[i]
		if id.byFingerprint {
			continue
		}
		t := n.tallies[id.key]
		id.occurrence, id.delivered = t.listed, t.listed < t.delivered
		t.listed++
		n.tallies[id.key] = t
		if listed++; !id.delivered {
			unknown++
		}
	}
	if listed < sum || unknown == listed-sum {
		// The fingerprints are enough. If fewer records are listed than were delivered, some were
		// deleted, and the number says nothing.
		return
	}
	var corrections []outbox.Seen
	for key, t := range n.tallies {
		switch {
		case t.listed < t.delivered:
			corrections = append(corrections, outbox.Seen{Key: key, Count: t.listed})
		case t.listed > t.delivered && listed == sum:
			corrections = append(corrections, outbox.Seen{Key: key, Count: t.listed})
		}
	}
	if n.corrections == nil {
		n.corrections = make(map[int][]outbox.Seen)
	}
	n.corrections[first] = corrections
	// If more are listed than were delivered, some are new. Nothing tells which, so all with an
	// unknown fingerprint are delivered.
	for i := first; i < end && listed == sum; i++ {
		if !n.of[i].byFingerprint {
			n.of[i].delivered = true
		}
	}
}
