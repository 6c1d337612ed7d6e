package simulate

import "math"

// silent returns whether this query for a time gets no records.
func (c *call) silent(from, to int64) bool {
	return c.faults.has(FaultSilent) && (from != math.MinInt64 || to != math.MaxInt64)
}

// renderFor appends the JSON of one record as this call sees it.
func (s *Simulator) renderFor(c *call, dst []byte, d *dialect, e entry) []byte {
	dst = s.render(dst, d, e)
	if last := len(dst) - 1; c.faults.has(FaultRollOut) && dst[last] == '}' {
		dst = append(dst[:last], `,"rolledOut":{"version":2}}`...)
	}
	return dst
}
