package collect

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
)

// Stats are counters since the start of the process.
type Stats struct {
	Records atomic.Int64 // put into the queue
	Late    atomic.Int64 // of those: found after a poll that should have shown them
	Repeats atomic.Int64 // read again, and left out because they were delivered before
	Gaps    atomic.Int64 // gaps: ranges whose records the site no longer has
	Head    atomic.Int64 // Unix milliseconds of the newest record
	Polled  atomic.Int64 // Unix milliseconds of the last complete poll
	Pending atomic.Int64 // milliseconds of the log that are pending
	Waited  atomic.Int64 // milliseconds spent waiting because the site asked for it
	// Estimate is in how many milliseconds the catch-up may end; 0 while unknown.
	Estimate atomic.Int64

	// cause of the last failure of each part, nil if its last try worked
	failing [parts]atomic.Pointer[atlassian.Cause]

	mu       sync.Mutex
	failures map[atlassian.Cause]int64
}

// StandBy notes that another process reads the log now, so nothing fails here.
func (s *Stats) StandBy() {
	for p := range parts {
		s.failing[p].Store(nil)
	}
	s.Pending.Store(0)
	s.Estimate.Store(0)
}

// StateFails notes that the state cannot be reached, and StateWorks that it can.
func (s *Stats) StateFails(err error) {
	s.failed(saves, err)
	s.failing[saves].Store(new(causeOf(saves, err)))
}

// StateWorks ends what StateFails began.
func (s *Stats) StateWorks() { s.failing[saves].Store(nil) }

// Failing reports whether something fails: the polls, reading an older range, or saving the state.
// While an older range fails it stays true, even if the polls work: otherwise nobody would notice
// that its records are missing.
func (s *Stats) Failing() bool {
	for p := range parts {
		if s.failing[p].Load() != nil {
			return true
		}
	}
	return false
}

// FailingFor reports whether something fails for a cause, see Failing.
func (s *Stats) FailingFor(cause atlassian.Cause) bool {
	for p := range parts {
		if c := s.failing[p].Load(); c != nil && *c == cause {
			return true
		}
	}
	return false
}

// Failures returns how often something failed for a cause: one of the site's causes, CauseState or
// CauseOther.
func (s *Stats) Failures(cause atlassian.Cause) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures[cause]
}

// Causes of failures that do not come from the site.
const (
	CauseState atlassian.Cause = "state-file" // the state cannot be read or saved
	CauseOther atlassian.Cause = "other"
)

// causeOf returns the cause of a failure of p.
func causeOf(p part, err error) atlassian.Cause {
	if refusal, ok := errors.AsType[*atlassian.Error](err); ok {
		return refusal.Cause
	}
	if p == saves || errors.Is(err, outbox.ErrStore) {
		return CauseState
	}
	return CauseOther
}

// failed counts a failure of p.
func (s *Stats) failed(p part, err error) {
	cause, asked := causeOf(p, err), time.Duration(0)
	if refusal, ok := errors.AsType[*atlassian.Error](err); ok {
		asked = refusal.RetryAfter
	}
	s.mu.Lock()
	if s.failures == nil {
		s.failures = make(map[atlassian.Cause]int64)
	}
	s.failures[cause]++
	s.mu.Unlock()
	s.Waited.Add(asked.Milliseconds())
}
