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

// Event is one entry of an organization's audit log.
type Event struct {
	Record
	// Processed is when Atlassian has processed the event, by which the log is sorted. If the event
	// does not say, it is Time.
	Processed time.Time
}

// Page is a part of an organization's audit log, in the order of processing.
type Page struct {
	Events []Event
	// Listed is how many events the server has listed: there may be more than in Events, if some
	// are left out on purpose.
	Listed int
	// Processed is when the last of them was processed, zero if none says. So one event with a wrong
	// time in the middle does not count.
	Processed time.Time
	Next      string // cursor of the next page, empty if there is none
}
