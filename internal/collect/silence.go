package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// An empty answer may be true, or the site may have stopped listing records for a range of time.
// Records listed a moment later do not prove the empty answer. So an empty range counts as read
// only when an answer covers it together with a record that is known to exist, see confirm. Until
// then the range stays pending in the committed checkpoint, and it is read again if the site turns
// out to be silent.

const (
	// silence is how long no record may come before the site is probed.
	silence = 24 * time.Hour
	// probeEvery is the time between two probes of a site that no longer lists a delivered record,
	// mostly because of its retention.
	probeEvery = 10 * time.Minute
)

// errSilent is wrapped by the error of a site that has records and does not list them.
var errSilent = errors.New("run confluence-audit check, and report this with its output")

// silent is what is known about empty answers of the site.
type silent struct {
	found    bool       // the last probe found the site silent
	missing  bool       // the site did not list the newest record delivered
	probed   time.Time  // time of the last probe
	unproven []unproven // pending ranges that were empty when read
	// times of the last window of the catch-up that had records; zero before the first
	oldest, newest time.Time
}

// unproven is a range that was empty when it was read.
type unproven struct {
	timerange.Range
	neighbour time.Time // time of a known record next to the range; zero when none is known
}

// noteListed notes whether w has records, and if not, whether a delivered record is missing.
func (c *Collector) noteListed(w *window.Window) {
	if w.Total() > 0 {
		c.silent.missing = false
		return
	}
	head := c.position.Head
	c.silent.missing = c.silent.missing || head.After(c.position.Origin) && w.Contains(head)
}

// noteEmpty notes that r, a piece of the pending ranges, was empty.
func (c *Collector) noteEmpty(r timerange.Range) {
	if n := len(c.silent.unproven); n > 0 {
		switch u := &c.silent.unproven[n-1]; {
		case u.To.Add(timerange.Resolution).Equal(r.From):
			u.To = r.To
			return
		case r.To.Add(timerange.Resolution).Equal(u.From):
			u.From = r.From
			return
		}
	}
	u := unproven{Range: r}
	switch {
	case c.silent.newest.IsZero():
	case c.silent.newest.Before(r.From):
		u.neighbour = c.silent.newest
	case c.silent.oldest.After(r.To):
		u.neighbour = c.silent.oldest
	}
	c.silent.unproven = append(c.silent.unproven, u)
}

// confirm asks again for the unproven ranges, now that the site has listed a record with the time
// listed. near means that no other record lies between that one and the ranges.
func (c *Collector) confirm(ctx context.Context, listed time.Time, near bool) error {
	for len(c.silent.unproven) > 0 {
		u := &c.silent.unproven[0]
		if near {
			u.neighbour = cmp.Or(u.neighbour, listed)
		}
		is, err := c.checkEmpty(ctx, *u, listed)
		switch {
		case err != nil:
			return err
		case is == unknown:
			// The site is still silent, or the record was deleted: another record has to prove the
			// range.
			u.neighbour = time.Time{}
			return nil
		case is == filled:
			c.position = c.position.Missed(u.Range)
		}
		c.silent.unproven = c.silent.unproven[1:]
	}
	return nil
}

// content is whether a range has records.
type content int

const (
	unknown content = iota
	empty
	filled
)

// These end a Read of an unproven range early.
var (
	errInside = errors.New("it has records")
	errPassed = errors.New("the site has come to older ones")
)

// checkEmpty asks for u together with the record next to it. If the answer has any record, it is
// right about u. If no record next to u is known, or too many lie between, checkEmpty asks for u
// alone, and then the site must list the record at other.
func (c *Collector) checkEmpty(ctx context.Context, u unproven, other time.Time) (content, error) {
	switch {
	case u.neighbour.IsZero():
		return c.checkAlone(ctx, u.Range, other)
	case u.neighbour.Before(u.From):
		return c.checkUntil(ctx, timerange.Range{From: u.neighbour, To: u.To}, u.From)
	}
	w, err := c.readWindow(ctx, timerange.Range{From: u.From, To: u.neighbour})
	if err != nil && !errors.Is(err, window.ErrFull) {
		return unknown, err
	}
	defer c.windows.Release(w)
	switch inside := slices.ContainsFunc(w.Records, func(r atlassian.Record) bool { return !r.Time.IsZero() && !r.Time.After(u.To) }); {
	case inside:
		c.lookBack.all = true
		return filled, nil
	case err != nil:
		return c.checkAlone(ctx, u.Range, other)
	}
	// The source counts the window as read, so late records next to u must be delivered too.
	if err := c.deliver(ctx, w, c.position, time.Time{}); err != nil {
		c.lookBack.all = true
		return unknown, err
	}
	if w.Newest.IsZero() {
		return unknown, nil
	}
	return empty, nil
}

// checkUntil reads r, newest first, until the site lists a record older than then.
func (c *Collector) checkUntil(ctx context.Context, r timerange.Range, then time.Time) (content, error) {
	err := c.source.Read(ctx, r.From, r.To, func(r atlassian.Record) error {
		switch {
		case r.Time.IsZero():
			return nil
		case r.Time.Before(then):
			return errPassed
		default:
			return errInside
		}
	})
	switch {
	case errors.Is(err, errInside):
		return filled, nil
	case errors.Is(err, errPassed):
		return empty, nil
	default:
		return unknown, err
	}
}

// checkAlone reads r, and then the record at other, to check that the site lists records at all.
func (c *Collector) checkAlone(ctx context.Context, r timerange.Range, other time.Time) (content, error) {
	is, err := c.checkUntil(ctx, r, r.From)
	if err != nil || is != unknown || other.IsZero() {
		return is, err
	}
	if lists, err := window.Lists(ctx, c.source, other); err != nil || !lists {
		return unknown, err
	}
	return empty, nil
}

// committable returns the checkpoint that may be committed: with the unproven ranges still pending.
func (c *Collector) committable(next outbox.Checkpoint) outbox.Checkpoint {
	for _, r := range c.silent.unproven {
		next = next.Missed(r.Range)
	}
	return next
}

// probeSilence finds out whether a quiet site has no new records or does not list them. It runs
// after the first poll, when the newest record delivered is no longer listed, and when no record
// came for long.
func (c *Collector) probeSilence(ctx context.Context, first bool) error {
	if first && c.isNew {
		c.noteRetention(ctx)
	}
	quiet := time.Since(c.lastNew)
	nothing := first && c.stats.Records.Load()+c.stats.Repeats.Load() == 0 && len(c.position.Pending) == 0
	missing := c.silent.missing && time.Since(c.silent.probed) >= probeEvery
	if quiet < silence && !nothing && !missing && !c.silent.found {
		return nil
	}
	newest, found, err := c.source.Newest(ctx)
	if err != nil {
		return err
	}
	c.silent.probed = time.Now()
	// No retention is so short: the site hides its records.
	if head := c.position.Head; !found && c.silent.missing && c.now().Sub(head) < silence {
		c.noteSilent()
		return fmt.Errorf("probe the quiet site: it lists no record at all, and had one of %s: %w", stamp(head), errSilent)
	}
	if found && !newest.Time.IsZero() {
		lists, err := window.Lists(ctx, c.source, newest.Time)
		if err != nil {
			return err
		}
		if !lists {
			c.noteSilent()
			return fmt.Errorf("probe the quiet site: it has a record of %s but lists none when asked for that time: %w", stamp(newest.Time), errSilent)
		}
	}
	c.silent.found, c.silent.missing = false, false
	if !nothing && quiet < silence {
		return nil
	}
	c.lastNew = time.Now()
	c.noteQuiet(newest, found, first, quiet)
	return nil
}

// noteQuiet logs that the site has no new record: its newest one, false if its log is empty, at the
// first poll or after the site was quiet for so long.
func (c *Collector) noteQuiet(newest atlassian.Record, found, first bool, quiet time.Duration) {
	switch {
	case !found:
		const message = "the audit log can be read but is empty: if people use the site, audit logging is off, or the account behind the credential " +
			"is no administrator; run confluence-audit check"
		c.Log.Warn(message)
		c.Note(LogEmpty, message)
	case first:
		c.Log.Infof("access works; the newest record of the site is of %s, nothing newer to deliver", stamp(newest.Time))
	default:
		message := fmt.Sprintf("no new record for %s, but access works: the site is quiet, its newest record is of %s", quiet.Round(time.Minute), stamp(newest.Time))
		c.Log.Info(message)
		c.Note(SiteQuiet, message)
	}
}

// reopenUnproven makes the unproven ranges pending again.
func (c *Collector) reopenUnproven() {
	c.position = c.committable(c.position)
	c.silent.unproven = nil
}

// noteSilent takes back what was concluded from empty answers.
func (c *Collector) noteSilent() {
	c.reopenUnproven()
	c.silent.found = true
	c.rescan.left, c.position.Rescanned = timerange.Range{}, time.Time{}
	c.lookBack.recent.few, c.lookBack.all = false, true
}
