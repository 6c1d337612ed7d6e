package simulate

import "math"

// silent tells whether a question for a time is not to be answered.
func (c *call) silent(from, to int64) bool {
	return c.faults.has(FaultSilent) && (from != math.MinInt64 || to != math.MaxInt64)
}

// renderFor appends the JSON of one record as it looks to this call.
func (s *Simulator) renderFor(c *call, dst []byte, d *dialect, e entry) []byte {
	dst = s.render(dst, d, e)
	if last := len(dst) - 1; c.faults.has(FaultRollOut) && dst[last] == '}' {
		dst = append(dst[:last], `,"rolledOut":{"version":2}}`...)
	}
	return dst
}
