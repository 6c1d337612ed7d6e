package confluence

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"sync"
)

// pageSize is how many records are asked for at once. It is lowered when a page of
// so many is too large, and rises again with the pages that are small.
type pageSize struct {
	mu      sync.Mutex
	lowered int // 0: it is not
}

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

// fits notes a page. One that was as long as it could be and yet small shows that
// twice as many will fit.
func (s *pageSize) fits(asked, got, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case asked != s.lowered || got < asked || bytes > maxPage/4:
	case s.lowered > MaxPageSize/2:
		s.lowered = 0
	default:
		s.lowered *= 2
	}
}

// list asks for a page of at most so many records, and of fewer when they are too
// large together; least is how many it must hold at least to be of use. It returns
// how many it asked for.
func (c *Client) list(ctx context.Context, ep endpoint, query url.Values, most, least int) (page, int, error) {
	for {
		asked := max(c.size.of(most), least)
		query.Set("limit", strconv.Itoa(asked))
		p, err := c.fetch(ctx, ep, query)
		if !errors.Is(err, errTooLarge) {
			return p, asked, err
		}
		c.size.tooLarge(asked)
		if asked == least {
			return p, asked, err
		}
	}
}
