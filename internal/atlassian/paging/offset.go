package paging

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"

	"fluent-bit-confluence/internal/atlassian"
)

// maxAlike bounds how many pages of one record may be identical in a row.
const maxAlike = 20

// offsetWalk is the state of a walk by offset.
type offsetWalk struct {
	walk
	limit    int
	seam     []atlassian.Record // records that the next page must begin with
	repeated int                // number of seam records of the last page
	received int                // records received by this query
	capped   bool               // the server sends fewer than asked for though more follow
	alike    int                // number of identical pages of one record in a row
	proved   bool               // the site has been seen to list records since this query listed none
}

// walkOffset visits the records of an API that pages by offset, as those of Cloud do. It computes
// offsets from the number of records received. The server may send fewer than asked for; the member
// size is that of the page on one site and the total on another; and next links have been seen
// missing, relative to another path, and on another host.
//
// Offsets count from the newest record. So a record that arrives in the part already read shifts
// all others, and the next page would repeat records; one that is deleted there would make it miss
// some. Therefore each page begins with the last records of the page before, and they must be the
// same.
func (l *Log) walkOffset(ctx context.Context, start walk, limit int) error {
	w := offsetWalk{walk: start, limit: limit}
	for range maxPages {
		p, asked, err := w.next(ctx)
		if err != nil {
			return err
		}
		p.within(w.Range)
		fresh := p.records[min(w.repeated, len(p.records)):]
		if err := w.see(fresh); err != nil {
			return err
		}
		w.received += len(fresh)
		if w.received == 0 {
			if w.more.isFirst() || w.proved {
				l.history.learn(w.walked)
				return nil
			}
			p.Release()
			if err := w.stillLists(ctx); err != nil {
				return err
			}
			w.proved = true
			continue
		}
		whole := w.endsWithFloor(p.records)
		if len(fresh) > 0 {
			w.seam = seamOf(p.records)
		}
		short := len(p.records) < asked && !w.capped
		p.Release()
		// A short page is the last one unless the server sends fewer than asked for. Without a
		// floor one more request must show that nothing follows.
		whole = whole || short && w.more.onlyRepeats()
		if !whole && (len(fresh) == 0 || short) {
			if whole, err = w.nothingFollows(ctx); err != nil {
				return err
			}
			if !whole && len(fresh) == 0 {
				return l.moved()
			}
			w.capped = !whole
		}
		if !whole {
			continue
		}
		more, err := w.continues(ctx)
		if err != nil {
			return err
		}
		if !more {
			l.history.learn(w.walked)
			return nil
		}
	}
	return l.endless()
}

func (w *offsetWalk) ask(ctx context.Context, start, limit int) (Page, error) {
	w.query.Set(w.listing.Format.offset, strconv.Itoa(start))
	w.query.Set("limit", strconv.Itoa(limit))
	return w.log.Fetch(ctx, w.listing, w.query)
}

// next requests the next page, which begins with the seam. If a page is too large, it asks for
// fewer records. It returns how many it asked for.
func (w *offsetWalk) next(ctx context.Context) (Page, int, error) {
	for tries := 0; ; {
		asked, least := w.log.size.Of(w.limit), 1
		if len(w.seam) > 0 {
			least = 2
		}
		asked = max(asked, least)
		seam := w.seam[len(w.seam)-min(len(w.seam), max(asked/2, 1)):]
		p, err := w.ask(ctx, w.received-len(seam), asked)
		switch {
		case err == nil && !beginsWith(p.records, seam):
			return p, asked, w.log.moved()
		case err == nil:
			w.repeated = len(seam)
			if n := len(p.records); n == 0 || n > w.repeated {
				return p, asked, nil
			}
			// Perhaps the pages of the server are no longer than the seam.
			alone, err := w.single(ctx)
			if err == nil && len(alone.records) == 0 {
				w.repeated = len(seam)
				return p, asked, nil
			}
			p.Release()
			if err == nil && beginsWith(alone.records, w.seam[len(w.seam)-1:]) {
				// Identical records may follow each other, but not without end: then the server
				// ignores start.
				if w.alike++; w.alike > maxAlike {
					return Page{}, 1, atlassian.Fail(atlassian.CauseEndless, nil, "%s sends the same record for page after page", w.log.client.Host)
				}
			} else {
				w.alike = 0
			}
			return alone, 1, err
		case w.log.size.Smaller(w.log.client, err, asked, least, &tries):
		case errors.Is(err, atlassian.ErrTooLarge):
			p, err = w.single(ctx)
			return p, 1, err
		default:
			return p, asked, err
		}
	}
}

// single requests the next record alone, because it is too large together with the one before it.
// Another request checks that the one before is still in its place.
func (w *offsetWalk) single(ctx context.Context) (Page, error) {
	w.repeated = 0
	p, err := w.ask(ctx, w.received, 1)
	if err != nil || len(w.seam) == 0 {
		return p, err
	}
	before, err := w.ask(ctx, w.received-1, 1)
	if err != nil {
		return Page{}, err
	}
	defer before.Release()
	if !beginsWith(before.records, w.seam[len(w.seam)-1:]) {
		return Page{}, w.log.moved()
	}
	return p, nil
}

// nothingFollows requests the record behind the last one received. If that is older than the
// range, it becomes a floor.
func (w *offsetWalk) nothingFollows(ctx context.Context) (bool, error) {
	from := w.listing.Format.from
	start := w.query.Get(from)
	w.query.Del(from)
	next, follows, err := w.behindLast(ctx)
	defer next.Release()
	if start != "" {
		w.query.Set(from, start)
	}
	switch {
	case err != nil:
		return false, err
	case len(follows) == 0:
		return true, nil
	case isBefore(follows[0], w.From):
		w.walked.before = max(w.walked.before, follows[0].Time.UnixMilli())
		return true, nil
	case start == "" || !follows[0].Time.IsZero():
		return false, nil
	}
	// A record without a time may belong to the range: ask for the range only.
	within, err := w.ask(ctx, w.received, 1)
	defer within.Release()
	return err == nil && len(within.records) == 0, err
}

// behindLast requests the record behind the last one received. That there is none is believed only
// of an answer that lists the last one: the site may have stopped to list records. Another query,
// up to the last one, is such an answer too.
func (w *offsetWalk) behindLast(ctx context.Context) (p Page, follows []atlassian.Record, err error) {
	p, err = w.ask(ctx, w.received, 1)
	if err != nil || len(p.records) > 0 || w.more.mayBeTruncated() {
		return p, p.records, err
	}
	p.Release()
	p, err = w.ask(ctx, w.received-1, 2)
	switch {
	case errors.Is(err, atlassian.ErrTooLarge): // so it lists records
		return p, nil, nil
	case err == nil && !beginsWith(p.records, w.seam[len(w.seam)-1:]):
		return p, nil, w.log.moved()
	case err != nil:
		return p, nil, err
	}
	return p, p.records[1:], nil
}

// stillLists returns an error if the site no longer lists records of the range, of which some were
// received.
func (w *offsetWalk) stillLists(ctx context.Context) error {
	to := w.listing.Format.to
	end := w.query.Get(to)
	w.query.Set(to, w.end)
	p, err := w.ask(ctx, 0, 1)
	defer p.Release()
	w.query.Set(to, end)
	if err == nil && len(p.records) == 0 {
		err = w.log.moved()
	}
	return err
}

// continues starts another query, by time, and returns true, unless all records of the range were
// received.
func (w *offsetWalk) continues(ctx context.Context) (bool, error) {
	if w.walked.before != 0 || !w.more.mayBeTruncated() {
		return false, nil
	}
	if w.more.onlyRepeats() {
		return false, w.nothingOlder(ctx)
	}
	w.query.Set(w.listing.Format.to, w.listing.Format.at(w.more.next()))
	w.received, w.repeated, w.seam, w.proved = 0, 0, nil, false
	return true, nil
}

// nothingOlder runs if a query listed only records of one millisecond. It returns an error if the
// site has older ones.
func (w *offsetWalk) nothingOlder(ctx context.Context) error {
	w.query.Del(w.listing.Format.from)
	w.query.Set(w.listing.Format.to, w.listing.Format.at(w.more.older()))
	p, err := w.ask(ctx, 0, 1)
	defer p.Release()
	if err == nil && w.more.provesTruncated(p.records) {
		err = w.log.truncated()
	}
	return err
}

// seamOf returns the end of a page that the next one must repeat: all records of the last
// millisecond and one before. Identical records share a millisecond, so a shift by some of them is
// noticed. The seam is at most half the page, so that the walk advances.
func seamOf(records []atlassian.Record) []atlassian.Record {
	last := len(records) - 1
	n := 1
	for n < len(records)/2 {
		n++
		if r := records[len(records)-n]; !r.Time.Equal(records[last].Time) {
			break
		}
	}
	seam := slices.Clone(records[len(records)-n:])
	for i := range seam {
		seam[i].Raw = bytes.Clone(seam[i].Raw) // the memory of the page is used for the next one
	}
	return seam
}

func beginsWith(records, seam []atlassian.Record) bool {
	if len(records) < len(seam) {
		return false
	}
	for i := range seam {
		if !bytes.Equal(records[i].Raw, seam[i].Raw) {
			return false
		}
	}
	return true
}

func (l *Log) moved() error {
	return atlassian.Fail(atlassian.CauseMoved, atlassian.ErrMoved, "records of %s moved while they were read", l.client.Host)
}

func (l *Log) endless() error {
	return atlassian.Fail(atlassian.CauseEndless, nil, "%s sends page after page without progress", l.client.Host)
}
