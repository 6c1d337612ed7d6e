// Package paging reads a log page by page, by offset or by cursor, and notices when the log changes
// meanwhile.
package paging

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// Log reads one log and remembers what earlier walks have listed. It is safe for concurrent use.
type Log struct {
	client    *atlassian.Client
	history   history
	size      Size
	passed    passedOver
	cuts      atomic.Bool  // the site cuts the times of a query to seconds
	pageBytes atomic.Int64 // size of the last page, to allocate memory for the next
}

// New returns a Log that client reads. It has listed nothing yet.
func New(client *atlassian.Client) *Log { return &Log{client: client} }

// Listing says how an API lists the log.
type Listing struct {
	URL     string // of the list
	Format  Format // of its pages
	Cursors bool   // pages are found by cursor; else by offset

	// Judge returns why an answer cannot be used, nil if its status, headers and kind of body are
	// right.
	Judge func(*atlassian.Answer) error

	// LeftOut reports whether a record is to be left out, such as the records of our own reads.
	LeftOut func(atlassian.Record) bool

	// StillKnown is called if nothing was listed. It returns an error if the site no longer knows
	// us.
	StillKnown func(context.Context) error
}

// holds reports whether a record with the time t belongs to r, whose ends are open if they are
// zero. A record without a time belongs to whatever range it is listed in.
func holds(r timerange.Range, t time.Time) bool {
	return t.IsZero() || !t.Before(r.From) && (r.To.IsZero() || !t.After(r.To))
}

// Walk visits the records with from <= time <= to, newest first, page by page. A zero end is open.
// It also visits records that the server lists there and that no other window would show.
func (l *Log) Walk(ctx context.Context, listing Listing, from, to time.Time, limit int, visit func(atlassian.Record) error) error {
	r := timerange.Range{From: from, To: to}
	f := filter{Range: r, now: timerange.Later(l.client.Now(), time.Now())}
	filtered := func(rec atlassian.Record) error {
		if f.belongs(rec) {
			return visit(rec)
		}
		return nil
	}
	pages := l.walkOffset
	if listing.Cursors {
		pages = l.walkCursor
	}
	w := l.newWalk(listing, r, filtered)
	f.before = w.before
	err := pages(ctx, w, limit)
	l.passOver(f)
	return err
}

// maxPages bounds one walk. With 1000 records a page it is twice the most that Data Center keeps.
const maxPages = 20_000

// Fetch requests one page, which the caller must release. A page that is too large is an error that
// wraps [atlassian.ErrTooLarge], unless one record was asked for: then the page has a stub for it.
func (l *Log) Fetch(ctx context.Context, listing Listing, query url.Values) (Page, error) {
	m := memories.Get().(*memory)
	m.body.Grow(int(l.pageBytes.Load()))
	a, err := l.client.Get(ctx, listing.URL+"?"+query.Encode(), &m.body)
	if err != nil {
		return Page{}, err
	}
	if err := listing.Judge(a); err != nil {
		if e, ok := errors.AsType[*atlassian.Error](err); ok {
			e.Took = a.Took
		}
		return Page{}, err
	}
	asked, _ := strconv.Atoi(query.Get("limit"))
	p := Page{records: m.records[:0]}
	if a.Cut {
		p, err = l.cutOff(listing, a, asked, p)
	} else {
		p, err = listing.Format.parse(a.Body, p.records)
	}
	switch {
	case errors.Is(err, errTooMany):
		return Page{}, atlassian.Fail(atlassian.CauseTooLarge, nil, "%s sends a page of more than %d records", a.URL.Host, maxElements)
	case atlassian.CauseOf(err) != "":
		return Page{}, err
	case err != nil:
		return Page{}, l.client.NotList(a, err)
	}
	p.memory, p.User = m, atlassian.UserNamed(a)
	l.pageBytes.Store(int64(len(a.Body) + len(a.Body)/16 + bytes.MinRead))
	l.size.Fits(l.client, a, asked, len(p.records))
	l.client.Auth.Accept(a.Sent)
	return p, nil
}

// cutOff makes a page of an answer that is too large, or an error.
func (l *Log) cutOff(listing Listing, a *atlassian.Answer, asked int, p Page) (Page, error) {
	whole, last := listing.Format.cutOff(a.Body, asked+1)
	switch {
	case whole > asked:
		return p, atlassian.Fail(atlassian.CauseTooLarge, nil, "%s sends more than %d MiB, and more records than it was asked for", a.URL.Host, atlassian.MaxPage>>20)
	case asked == 1 && whole == 0 && len(last) > 0:
		p.records = append(p.records, listing.Format.stub(last, TooLarge, true))
		p.lastPage = isCut
		return p, nil
	}
	return p, atlassian.Fail(atlassian.CauseTooLarge, atlassian.ErrTooLarge, "%s sends a page of more than %d MiB", a.URL.Host, atlassian.MaxPage>>20)
}
