package atlassian

import "time"

// Record is one entry of the audit log.
type Record struct {
	// Time is when the event happened, in UTC with millisecond precision. It is zero if the time
	// cannot be read.
	Time time.Time

	// Raw is the record exactly as Atlassian sent it: one JSON value, normally an object. It must
	// not be modified. If Read yields it, it is valid until yield returns.
	Raw []byte
}

// Span is a range of time, both ends inclusive and in whole milliseconds.
type Span struct{ From, To time.Time }
