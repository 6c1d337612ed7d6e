package simulate

import (
	"bytes"
	"slices"
	"strings"
)

// view is one page of a window.
type view struct {
	page  []entry // newest first
	total int     // records in the window
}

// cap returns the limit that the server grants.
func (s *Simulator) cap(c *call, asked int) int {
	most := s.options.PageCap
	if n, capped := c.faults.number(FaultPageCap); capped {
		most = n
	}
	if most > 0 {
		return min(asked, most)
	}
	return asked
}

// read returns a page of the window [from, to] in epoch ms, both inclusive. First it applies the
// faults that change the records of the window.
func (s *Simulator) read(c *call, from, to int64, search string, start, limit int) view {
	s.mu.Lock()
	s.advance()
	s.disturb(c, from, to)
	if c.silent(from, to) {
		s.mu.Unlock()
		return view{}
	}
	low, high := s.ledger.window(max(from, c.now.Add(-s.options.Retention).UnixMilli()), to)
	if n, few := c.faults.number(FaultNewestOnly); few {
		low = max(low, high-n)
	}
	if search == "" {
		defer s.mu.Unlock()
		return view{page: s.ledger.page(low, high, start, limit), total: high - low}
	}
	all := s.ledger.page(low, high, 0, high-low)
	s.mu.Unlock()
	all = slices.DeleteFunc(all, func(e entry) bool {
		return !bytes.Contains(bytes.ToLower(s.render(nil, s.dialect, e)), []byte(strings.ToLower(search)))
	})
	start = min(start, len(all))
	return view{page: all[start:min(len(all), start+min(limit, len(all)))], total: len(all)}
}
