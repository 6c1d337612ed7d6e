package paging

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// A Size is how many records are asked for at once. It is lowered when a page is too large or too
// slow, and rises again when pages are small and quick. It is safe for concurrent use, and ready
// when it is zero.
type Size struct {
	mu      sync.Mutex
	lowered int // 0: not lowered

	slow  int           // length of a page that was too slow; 0 if there was none
	until time.Time     // when that length is tried again
	pause time.Duration // how long it is not tried
}

const (
	// firstPause is how long a length is not tried again after it was too slow. Each time it is too
	// slow again, the pause doubles.
	firstPause = 10 * time.Minute
	lastPause  = 24 * time.Hour
)

// Of returns how many records to ask for, at most most.
func (s *Size) Of(most int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lowered > 0 {
		return min(most, s.lowered)
	}
	return most
}

// tooLarge notes that a page of so many records was too large.
func (s *Size) tooLarge(asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lowered = max(asked/2, 1)
}

// tooSlow notes that a page of so many records was too slow. Such a try takes long, so the next one
// asks for much less.
func (s *Size) tooSlow(asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = min(max(2*s.pause, firstPause), lastPause)
	s.lowered, s.slow, s.until = max(asked/atlassian.QuickShare, 1), asked, time.Now().Add(s.pause)
}

// Fits notes a good page. If it has all records asked for, and was small and quick, the next one
// may have twice as many.
func (s *Size) Fits(client *atlassian.Client, a *atlassian.Answer, asked, got int) {
	easy := len(a.Body) <= atlassian.MaxPage/4 && a.Took <= client.Options.Timeout/atlassian.QuickShare
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slow > 0 && got >= s.slow { // the length was not the cause
		s.slow, s.pause = 0, 0
	}
	switch {
	case asked != s.lowered || got < asked || !easy:
	case 2*s.lowered >= s.slow && time.Now().Before(s.until) && s.slow > 0:
	case s.lowered > atlassian.MaxPageSize/2:
		s.lowered = 0
	default:
		s.lowered *= 2
	}
}

// Smaller reports whether to ask again for a page, with fewer records, after an error. least is how
// many records the page needs at least. A slow page is tried at most twice in a row: if the site is
// down, the failure must be logged soon.
func (s *Size) Smaller(client *atlassian.Client, err error, asked, least int, tries *int) bool {
	switch {
	case errors.Is(err, atlassian.ErrTooLarge):
		s.tooLarge(asked)
		return asked > least
	case client.TookLong(err):
		s.tooSlow(asked)
		*tries++
		return asked > least && *tries < 2
	}
	return false
}

// list requests a page of at most so many records, and of fewer if it is too large or too slow. It
// returns how many it asked for.
func (l *Log) list(ctx context.Context, listing Listing, query url.Values, most int) (Page, int, error) {
	for tries := 0; ; {
		asked := max(l.size.Of(most), 1)
		query.Set("limit", strconv.Itoa(asked))
		p, err := l.Fetch(ctx, listing, query)
		if err == nil || !l.size.Smaller(l.client, err, asked, 1, &tries) {
			return p, asked, err
		}
	}
}
