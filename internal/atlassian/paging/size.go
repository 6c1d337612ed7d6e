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

// pageSize is how many records are asked for at once. It is lowered when a page of so many is too
// large or does not come in time, and rises again with the pages that are small and quick.
type pageSize struct {
	mu      sync.Mutex
	lowered int // 0: it is not

	slow  int           // a page of so many did not come in time; 0: none did
	until time.Time     // when as many are asked for again
	pause time.Duration // how long that is
}

const (
	// firstPause is how long a length that was too slow is not tried again. With each time that it
	// is too slow again the pause is twice as long.
	firstPause = 10 * time.Minute
	lastPause  = 24 * time.Hour
)

// of is how many to ask for when at most so many are wanted.
func (s *pageSize) of(most int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lowered > 0 {
		return min(most, s.lowered)
	}
	return most
}

// tooLarge notes that a page of so many records was too large.
func (s *pageSize) tooLarge(asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lowered = max(asked/2, 1)
}

// tooSlow notes that a page of so many records did not come in time. As each such try takes long,
// the next is for much less.
func (s *pageSize) tooSlow(asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = min(max(2*s.pause, firstPause), lastPause)
	s.lowered, s.slow, s.until = max(asked/atlassian.QuickShare, 1), asked, time.Now().Add(s.pause)
}

// fits notes a page. One that was as long as it could be, and yet small and quick, shows that twice
// as many will fit.
func (s *pageSize) fits(asked, got int, easy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slow > 0 && got >= s.slow { // it was not the length
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

// smaller tells whether to ask for a page again, with fewer records, after an error; least is how
// many it must hold at least to be of use. What took long is not tried at once more than twice: if
// the site is down, somebody has to hear of it.
func (c *Log) smaller(err error, asked, least int, tries *int) bool {
	switch {
	case errors.Is(err, atlassian.ErrTooLarge):
		c.size.tooLarge(asked)
		return asked > least
	case c.api.TookLong(err):
		c.size.tooSlow(asked)
		*tries++
		return asked > least && *tries < 2
	}
	return false
}

// list asks for a page of at most so many records, and of fewer when they are too many together. It
// returns how many it asked for.
func (c *Log) list(ctx context.Context, ep Listing, query url.Values, most int) (Page, int, error) {
	for tries := 0; ; {
		asked := max(c.size.of(most), 1)
		query.Set("limit", strconv.Itoa(asked))
		p, err := c.Fetch(ctx, ep, query)
		if err == nil || !c.smaller(err, asked, 1, &tries) {
			return p, asked, err
		}
	}
}
