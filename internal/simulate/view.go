package simulate

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// view is one page of a window.
type view struct {
	page  []entry // newest first
	total int     // records in the window
	whole int     // records in the log
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
// faults that change the records of the window. Only records that match are in it, all with nil.
func (s *Simulator) read(c *call, from, to int64, match func(record []byte) bool, start, limit int) view {
	s.mu.Lock()
	s.advance()
	s.disturb(c, from, to)
	if c.silent(from, to) {
		s.mu.Unlock()
		return view{}
	}
	kept := c.now.Add(-s.options.Retention).UnixMilli()
	low, high := s.ledger.window(max(from, kept), to)
	oldest, newest := s.ledger.window(kept, math.MaxInt64)
	whole := newest - oldest
	if n, few := c.faults.number(FaultNewestOnly); few {
		low = max(low, high-n)
	}
	if match == nil {
		defer s.mu.Unlock()
		return view{page: s.ledger.page(low, high, start, limit), total: high - low, whole: whole}
	}
	all := s.ledger.page(low, high, 0, high-low)
	s.mu.Unlock()
	all = slices.DeleteFunc(all, func(e entry) bool {
		return !match(s.render(nil, s.dialect, e))
	})
	start = min(start, len(all))
	return view{page: all[start:min(len(all), start+min(limit, len(all)))], total: len(all), whole: whole}
}

// containing returns a match for a text anywhere in a record, nil without one.
func containing(search string) func([]byte) bool {
	if search == "" {
		return nil
	}
	return func(record []byte) bool {
		return bytes.Contains(bytes.ToLower(record), []byte(strings.ToLower(search)))
	}
}
