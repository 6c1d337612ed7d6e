package handover_test

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/handover"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/timerange"
)

// epoch is the time at which a synctest bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// site is an audit log.
type site struct {
	mu      sync.Mutex
	records []entry // newest first; never changed in place
	serial  int
	numbers int
	reads   int
	// the numbers of the records that this client has listed in a complete window
	listed  map[int]bool
	version int // of the form of the records

	failing  atomic.Bool
	oldFails atomic.Bool  // it answers queries for old records with errors
	skew     atomic.Int64 // of its clock, a time.Duration
	latency  atomic.Int64 // of a read, a time.Duration
	silent   atomic.Bool  // it answers queries for a time without records
	still    atomic.Int64 // where its clock has stopped, Unix milliseconds; 0 if it runs
}

// old is the age from which oldFails refuses records.
const old = 30 * time.Minute

// entry is a record and its place in the log, which is its time if it has one.
type entry struct {
	number int
	place  time.Time
	rec    atlassian.Record
}

func (s *site) add(n int, at time.Time) {
	for k := range n {
		s.serial++
		at := at.Add(-time.Duration(k) * 3 * time.Millisecond).Truncate(time.Millisecond)
		s.insert(at, at, fmt.Sprintf(`{"serial":%d}`, s.serial))
	}
}

// addWhole adds records a second apart, at whole seconds, as on servers that cut the milliseconds.
func (s *site) addWhole(n int, at time.Time) {
	for k := range n {
		s.serial++
		at := at.Add(-time.Duration(k) * time.Second).Truncate(time.Second)
		s.insert(at, at, fmt.Sprintf(`{"serial":%d}`, s.serial))
	}
}

// addBurst adds records of one millisecond.
func (s *site) addBurst(n int, at time.Time) {
	at = at.Truncate(time.Millisecond)
	for range n {
		s.serial++
		s.insert(at, at, fmt.Sprintf(`{"serial":%d}`, s.serial))
	}
}

// repeat adds a twin of the nth newest record, if that is younger than then.
func (s *site) repeat(n int, then time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	young := slices.IndexFunc(s.records, func(e entry) bool { return !e.rec.Time.After(then) })
	if young > 0 {
		s.list(s.records[n%young])
	}
}

func (s *site) addTwins(at time.Time) {
	at = at.Truncate(time.Millisecond)
	s.serial++
	for range 2 {
		s.insert(at, at, fmt.Sprintf(`{"twin":%d}`, s.serial))
	}
}

func (s *site) addUntimed(at time.Time) {
	s.serial++
	s.insert(at.Truncate(time.Millisecond), time.Time{}, fmt.Sprintf(`{"untimed":%d}`, s.serial))
}

func (s *site) insert(place, at time.Time, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list(entry{place: place, rec: atlassian.Record{Time: at, Raw: rollOut([]byte(text), s.version)}})
}

// list inserts e behind the records of the same time.
func (s *site) list(e entry) {
	s.numbers++
	e.number = s.numbers
	n := sort.Search(len(s.records), func(n int) bool { return s.records[n].place.Before(e.place) })
	s.records = slices.Insert(slices.Clip(slices.Clone(s.records)), n, e)
}

// forget starts another client, which has listed nothing yet.
func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed = make(map[int]bool)
}

// rollOut returns a record in the form of a version.
func rollOut(raw []byte, version int) []byte {
	text, _, _ := strings.Cut(string(raw), `,"version"`)
	if text = strings.TrimSuffix(text, "}"); version == 0 {
		return []byte(text + "}")
	}
	return fmt.Appendf(nil, `%s,"version":%d}`, text, version)
}

// change gives all records a new form.
func (s *site) change() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.records = slices.Clone(s.records)
	for i := range s.records {
		s.records[i].rec.Raw = rollOut(s.records[i].rec.Raw, s.version)
	}
}

func (s *site) Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	if latency := time.Duration(s.latency.Load()); latency > 0 {
		select {
		case <-time.After(latency):
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	failing := s.failing.Load()
	if s.oldFails.Load() && from.Before(time.Now().Add(-old)) {
		return errSimulated
	}
	s.mu.Lock()
	s.reads++
	all, odd := s.records, s.reads%2 == 1
	s.mu.Unlock()
	if failing && !odd {
		return errSimulated
	}
	first := sort.Search(len(all), func(n int) bool { return !all[n].place.After(to) })
	end := sort.Search(len(all), func(n int) bool { return all[n].place.Before(from) })
	found := all[first:max(first, end)]
	if s.silent.Load() {
		found = nil
	}
	for n, e := range found {
		if failing && n == len(found)/2 {
			return errSimulated
		}
		if err := yield(e.rec); err != nil {
			return err
		}
	}
	if failing {
		return errSimulated
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range found {
		s.listed[e.number] = true
	}
	return nil
}

// Changed returns the times of records that were never listed, as a client does that remembers the
// listed ones.
func (s *site) Changed(_ context.Context, from, to time.Time) (spans []timerange.Range, err error) {
	if s.failing.Load() || s.oldFails.Load() && from.Before(time.Now().Add(-old)) {
		return nil, errSimulated
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.records {
		switch inside := !e.place.Before(from) && !e.place.After(to); {
		case inside && s.silent.Load() && s.listed[e.number]:
			return []timerange.Range{{From: from, To: to}}, nil
		case inside && !s.silent.Load() && !s.listed[e.number]:
			spans = append(spans, timerange.Range{From: e.place, To: e.place})
		}
	}
	slices.Reverse(spans)
	return spans, nil
}

func (s *site) Retention(context.Context) (time.Duration, error) { return 0, nil }

func (s *site) Newest(context.Context) (atlassian.Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.records) == 0 {
		return atlassian.Record{}, false, nil
	}
	return slices.MaxFunc(s.records, func(a, b entry) int { return a.rec.Time.Compare(b.rec.Time) }).rec, true, nil
}

func (s *site) Now() time.Time {
	if still := s.still.Load(); still != 0 {
		return time.UnixMilli(still)
	}
	return time.Now().Add(time.Duration(s.skew.Load()))
}

// disk is the disk of the state file, which may fail.
type disk struct {
	failing atomic.Bool
	latency atomic.Int64 // of a write, a time.Duration
	writes  atomic.Int64
	saved   sync.Map // the ids of the events that the state file has as delivered
}

// failingStore is a state file on a disk that may fail: before the write, or after it took effect.
type failingStore struct {
	*state.File
	disk  *disk
	alive *atomic.Bool
}

func (s *failingStore) Replace(ctx context.Context, version outbox.Version, c outbox.Commit) (outbox.Version, error) {
	time.Sleep(time.Duration(s.disk.latency.Load()))
	if !s.alive.Load() || s.disk.writes.Add(1)%2 == 0 && s.disk.failing.Load() {
		return version, errSimulated
	}
	version, err := s.File.Replace(ctx, version, c)
	if err == nil {
		for _, seen := range c.Seen {
			if seen.Count == 0 {
				continue // its form has changed
			}
			s.disk.saved.Store(eventID(seen.Key.Fingerprint, int(seen.Count)-1), true)
		}
	}
	if s.disk.failing.Load() {
		return version, errSimulated
	}
	return version, err
}

// fluentBit is the host: a ring that is emptied into chunks unless the input is paused, and is lost
// at the end.
type fluentBit struct {
	counts bool // whether it counts the records that come out of the ring
	beats  bool // whether it tells that its main thread works
	// whether its chunks are files: then it counts what it cannot write, but tells how much room
	// there is
	files   bool
	direct  bool // whether there is no ring
	drops   int  // processors drop every drops-th record: all with 1, none with 0
	doubles bool // processors make two of each record

	full    bool
	room    int           // batches that fit into the ring
	noDisk  bool          // its buffer's disk is full
	scarce  time.Duration // how often a chunk can be made, as when inodes are short; 0: always
	chunk   time.Time     // when the last one was
	writes  int64
	paused  time.Time
	stalled time.Time // until when the main thread is busy with something else
	beat    time.Time // the main thread's last
	ring    []buffer
	chunks  []string
	count   int64
	disk    *disk
	again   string // an event that was put into the ring though it was known to be delivered
}

// buffer is one buffer in the ring.
type buffer struct {
	lines []string // those that were handed over
	count int64    // how many the processors have made of them
}

func (f *fluentBit) restart() {
	f.writes = 0
	f.ring, f.count, f.paused, f.stalled = nil, 0, time.Time{}, time.Time{}
}

func (f *fluentBit) pause(i *handover.Sender) {
	f.paused = time.Now()
	i.Pause()
}

func (f *fluentBit) resume(i *handover.Sender) {
	f.paused = time.Time{}
	i.Resume()
}

// turn is one turn of the main thread's loop.
func (f *fluentBit) turn() {
	if time.Now().Before(f.stalled) {
		return
	}
	if time.Since(f.beat) >= 5*time.Second {
		f.beat = time.Now()
	}
	f.drain()
}

func (f *fluentBit) drain() {
	if !f.paused.IsZero() || time.Now().Before(f.stalled) {
		return
	}
	for _, b := range f.ring {
		f.write(b)
	}
	f.ring = nil
}

// write puts a buffer into a chunk. What it cannot write is dropped without a log line.
func (f *fluentBit) write(b buffer) (ok bool) {
	if f.noDisk {
		if f.files {
			f.count += b.count
		}
		return false
	}
	if f.scarce > 0 && time.Since(f.chunk) < f.scarce {
		return false
	}
	f.chunk = time.Now()
	f.chunks = append(f.chunks, b.lines...)
	f.count += b.count
	return true
}

// process returns what the processors of the input make of events. Only the number matters here.
func (f *fluentBit) process(lines []string) buffer {
	b := buffer{lines, int64(len(lines))}
	switch {
	case f.doubles:
		b.count *= 2
	case f.drops > 0:
		b.count -= (b.count + int64(f.drops) - 1) / int64(f.drops)
	}
	return b
}

func (f *fluentBit) Append(b *outbox.Batch) bool {
	if f.full || len(f.ring) >= f.room {
		return false
	}
	for line := range strings.Lines(string(b.Events)) {
		id, _, _ := strings.Cut(line, " ")
		if _, saved := f.disk.saved.Load(id); saved {
			f.again = line
		}
	}
	processed := f.process(strings.Split(strings.TrimSuffix(string(b.Events), "\n"), "\n"))
	switch {
	case processed.count == 0:
		f.chunks = append(f.chunks, processed.lines...) // where they were to go
		return true
	case f.direct:
		return f.paused.IsZero() && f.write(processed)
	}
	f.writes++
	f.ring = append(f.ring, processed)
	if f.writes%3 == 0 { // the main thread may empty the ring before Append returns
		f.drain()
	}
	return true
}

func (f *fluentBit) Direct() bool { return f.direct }

func (f *fluentBit) Paused() (paused, known bool) { return !f.paused.IsZero(), f.counts }

func (f *fluentBit) Room() (int64, string, bool) {
	if f.noDisk {
		return 0, "/buffer", f.files
	}
	return 1 << 30, "/buffer", f.files
}

func (f *fluentBit) Counts() (handover.Counts, bool) {
	c := handover.Counts{Records: f.count, Writes: f.writes, Beat: -1}
	if f.beats {
		c.Beat = f.beat.UnixMilli()
	}
	return c, f.counts
}
