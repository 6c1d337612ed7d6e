package collect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/backoff"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// site is a source with the records that the test adds.
type site struct {
	mu      sync.Mutex
	records []atlassian.Record // in no order
	latency time.Duration      // of a read
	err     error
	refuses func(timerange.Range) error // the error for a read of that range
	keeps   time.Duration
	skew    time.Duration // how far its clock is ahead
	still   time.Time     // the time at which its clock stands still, if it does
	panics  bool
	// replaces the list of its records
	serve func(context.Context, timerange.Range, func(atlassian.Record) error) error
	// lists all its records in the order in which they were added
	asIs   bool
	reads  []timerange.Range
	listed map[int]bool // records of complete reads
	looks  int          // number of calls of Changed

	reading, most int   // reads under way, and the most at the same time
	limit         int   // of reads at the same time, beyond which the site asks to slow down; 0: none
	asks          int64 // how often it has asked
}

// slowed returns how often the site has asked to slow down.
func (s *site) slowed() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks
}

func (s *site) add(at time.Time, texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		s.records = append(s.records, atlassian.Record{Time: at, Raw: []byte(text)})
	}
}

func (s *site) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *site) refuse(f func(timerange.Range) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuses = f
}

func (s *site) Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	s.mu.Lock()
	s.reads = append(s.reads, timerange.Range{From: from, To: to})
	s.reading++
	s.most = max(s.most, s.reading)
	if s.limit > 0 && s.reading > s.limit {
		s.asks++
	}
	defer func() {
		s.mu.Lock()
		s.reading--
		s.mu.Unlock()
	}()
	if s.panics {
		s.panics = false
		s.mu.Unlock()
		panic("simulated")
	}
	if s.serve != nil {
		s.mu.Unlock()
		return s.serve(ctx, timerange.Range{From: from, To: to}, yield)
	}
	var found []atlassian.Record
	var listed []int
	for i, r := range s.records {
		if s.asIs || !r.Time.Before(from) && !r.Time.After(to) {
			found, listed = append(found, r), append(listed, i)
		}
	}
	err := s.err
	if err == nil && s.refuses != nil {
		err = s.refuses(timerange.Range{From: from, To: to})
	}
	s.mu.Unlock()
	_ = backoff.Sleep(ctx, s.latency)
	if err != nil {
		return err
	}
	if !s.asIs {
		slices.SortStableFunc(found, func(a, b atlassian.Record) int { return b.Time.Compare(a.Time) })
	}
	var raw []byte // used for each record: it is valid only during yield
	for _, r := range found {
		raw = append(raw[:0], r.Raw...)
		if err := yield(atlassian.Record{Time: r.Time, Raw: raw}); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listed == nil {
		s.listed = make(map[int]bool)
	}
	for _, i := range listed {
		s.listed[i] = true
	}
	return ctx.Err()
}

// looked returns the number of calls of Changed.
func (s *site) looked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks
}

// Changed returns the millisecond of each record that no complete read has listed.
func (s *site) Changed(_ context.Context, from, to time.Time) (spans []timerange.Range, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	for i, r := range s.records {
		if at := r.Time.Truncate(time.Millisecond); !s.listed[i] && !at.Before(from) && !at.After(to) {
			spans = append(spans, timerange.Range{From: at, To: at})
		}
	}
	if s.refuses != nil && s.err == nil {
		return spans, s.refuses(timerange.Range{From: from, To: to})
	}
	return spans, s.err
}

func (s *site) asked() []timerange.Range {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reads)
}

func (s *site) Retention(context.Context) (time.Duration, error) { return s.keeps, nil }

func (s *site) Newest(context.Context) (r atlassian.Record, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.records {
		if other.Time.After(r.Time) {
			r, found = other, true
		}
	}
	return r, found, s.err
}

func (s *site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.still.IsZero() {
		return s.still
	}
	return time.Now().Add(s.skew)
}

// stop makes the clock of the site stand still.
func (s *site) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.still = time.Now()
}

func (s *site) setClock(skew time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = skew
}

// store is a memory that survives the collector.
type store struct {
	mu         sync.Mutex
	checkpoint outbox.Checkpoint
	seen       map[int64]map[outbox.Key]uint32 // by time
	err        error                           // of the next look-up
	horizons   []time.Time                     // of all commits
	lost       bool                            // another collector has taken it over
	full       bool                            // it saves nothing
}

func (s *store) Load(context.Context) (outbox.Checkpoint, outbox.Version, error) {
	return s.checkpoint, "", nil
}

func (s *store) Close() error { return nil }

func (s *store) Count(_ context.Context, keys []outbox.Key) ([]uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err; err != nil {
		s.err = nil
		return nil, err
	}
	counts := make([]uint32, len(keys))
	for i, k := range keys {
		counts[i] = s.seen[k.Time][k]
	}
	return counts, nil
}

func (s *store) Delivered(_ context.Context, times []int64) (found []outbox.Seen, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err; err != nil {
		s.err = nil
		return nil, err
	}
	for _, t := range times {
		for k, n := range s.seen[t] {
			found = append(found, outbox.Seen{Key: k, Count: n})
		}
	}
	return found, nil
}

func (s *store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *store) Replace(_ context.Context, _ outbox.Version, c outbox.Commit) (outbox.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.lost:
		return "", fmt.Errorf("taken over: %w", outbox.ErrLost)
	case s.full:
		return "", errors.New("the disk is full")
	}
	if s.seen == nil {
		s.seen = make(map[int64]map[outbox.Key]uint32)
	}
	for _, x := range c.Seen {
		if s.seen[x.Key.Time] == nil {
			s.seen[x.Key.Time] = make(map[outbox.Key]uint32)
		}
		if s.seen[x.Key.Time][x.Key] = x.Count; x.Count == 0 {
			delete(s.seen[x.Key.Time], x.Key)
		}
	}
	maps.DeleteFunc(s.seen, func(t int64, _ map[outbox.Key]uint32) bool { return t != 0 && t < c.Horizon.UnixMilli() })
	s.checkpoint = c.Checkpoint
	s.horizons = append(s.horizons, c.Horizon)
	return "", nil
}
