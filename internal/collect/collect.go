// Package collect turns an audit log that is read newest first, page by page, into batches that are
// handed to a host oldest first, each record once, and remembers what the host has taken.
//
// One goroutine reads and fills the queue, the host takes from it, another commits what the host
// has:
//
//	Source -> window (oldest first) -> delivered? -> event -> Batch -> outbox -> Next -> host -> Settle -> Store
//
// What a kill leaves: the checkpoint of the last commit. Everything after it is read again and, the
// fingerprints of what was committed being durable too, handed over again with the same event ids.
// Nothing is skipped.
package collect

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/window"
)

// Options are the settings of a collector; see the configuration table for what each means to an
// operator.
type Options struct {
	PollInterval   time.Duration
	Overlap        time.Duration
	RescanInterval time.Duration
	RescanWindow   time.Duration
	// first run only: nothing older is asked for; zero: everything the site has
	Start time.Time
	// Encode appends one record's event to dst; see record.Encoder. It is called from one
	// goroutine.
	Encode func(dst []byte, t time.Time, doc *document.Document, meta event.Meta) []byte
	Log    logrus.FieldLogger
	// HealthSite is the site named in health records; "" for none in the stream.
	HealthSite string
	// Name is what the host calls this collector, also in health records.
	Name string
	// Changed tells whether the credential is another than the one that was refused. It may be nil.
	Changed func() bool
	// API tells which API the source reads from. It may be nil.
	API func() string
	// CloudID tells that of the site, empty if there is none. It may be nil.
	CloudID func() string
	// BatchBytes is how large a batch may be, a single larger record excepted.
	BatchBytes int
	// Limits of memory; 0 for the default of each.
	Limits Limits
	// Turns are those of the process, nil for a collector that has it to itself.
	Slots Slots
	// Ready is called when it is time to take what Next has. It must not block.
	Ready func()
}

const (
	// commitDelay is how long a commit waits for more to come: each has its cost, and makes the
	// disk write. Half of a full queue does not wait.
	commitDelay = 100 * time.Millisecond
	// commitRetry is the pause after a commit that failed, for a full disk mostly.
	commitRetry = 5 * time.Second
)

// beginning is before the first Confluence: where "all" starts.
var beginning = time.Date(2004, 1, 1, 0, 0, 0, 0, time.UTC)

// A Collector reads one site's audit log. Run it once; Next, Settle and Refuse are for the host,
// never wait and may be called from any thread.
type Collector struct {
	Options
	source Source
	outbox *outbox.Outbox
	stats  Stats

	// Owned by the reading goroutine.
	isNew    bool // the site has no checkpoint of an earlier run
	firstRun bool // the same, until the first poll
	// newest record that an earlier run knew of; zero in the first one
	earlierRun time.Time
	polledLast bool              // the last step was a poll
	plan       outbox.Checkpoint // what is delivered and what is not, by all that is known
	queued     outbox.Checkpoint // what will hold once everything in the queue is settled
	silent     silent
	windows    *window.Reader
	pieces     window.Plan
	recent     recent
	nextPoll   time.Time
	// when the end of what is pending may be read before its beginning, which fails
	nextEnd     time.Time
	hold        time.Time    // the site wants to hear nothing before
	rescan      window.Range // what is left of the running deep rescan
	rescanned   time.Time    // when this run has made the last one, by our own clock
	clocksSaid  time.Time    // when it was said that the clocks disagree
	lookedAhead time.Time    // when it was looked for records of a time to come
	polledTo    time.Time    // end of the last poll of this run
	looked      time.Time    // the newest record delivered when the last poll looked back
	nextLook    time.Time    // when the next look back may wait no longer for a catch-up
	// something was read and not delivered, which the source takes for known
	doubt      bool
	lastNew    time.Time     // when a record was last delivered
	away       time.Duration // how long nothing was read before the last poll
	gapSince   time.Time     // the newest record delivered, when the site has lost it
	outages    [parts]outage
	notes      notes
	progress   progress
	hasher     document.Hasher
	docs       document.Documents // of the window that is being delivered
	identities identities         // of the same
	ahead      *ahead             // the window that will be asked for next; nil when none is read
	hasSlot    bool               // to read what is older
	slotEnds   time.Time          // when another may have it
}

// Stats counts since the start of the process.
type Stats struct {
	Records atomic.Int64 // delivered into the queue
	Late    atomic.Int64 // of those, found after a poll that should have shown them
	Repeats atomic.Int64 // read again and left out
	Gaps    atomic.Int64 // stretches whose records the site no longer has
	Head    atomic.Int64 // Unix milliseconds of the newest record
	Polled  atomic.Int64 // Unix milliseconds of the last complete poll
	Pending atomic.Int64 // milliseconds of the log that a catch-up has still to read
	Left    atomic.Int64 // milliseconds that this takes by its pace so far; 0 while nobody knows
	Waited  atomic.Int64 // milliseconds spent waiting because the site asked for it

	// why the last try of each failed, nil if it did not
	failing [parts]atomic.Pointer[atlassian.Cause]

	mu       sync.Mutex
	failures map[atlassian.Cause]int64
}

// Failing reports whether something does not work: the polls, the reading of an older stretch of
// the log, or the saving of the state. While the polls work and an older stretch fails it stays
// true until that stretch was read, for otherwise nobody would look for its records.
func (s *Stats) Failing() bool {
	for p := range parts {
		if s.failing[p].Load() != nil {
			return true
		}
	}
	return false
}

// FailingFor reports whether something does not work, as Failing has it, for a cause.
func (s *Stats) FailingFor(cause atlassian.Cause) bool {
	for p := range parts {
		if c := s.failing[p].Load(); c != nil && *c == cause {
			return true
		}
	}
	return false
}

// Failures returns how often something failed for a cause: one of the site's, CauseState or
// CauseOther.
func (s *Stats) Failures(cause atlassian.Cause) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures[cause]
}

// Causes of failures that are not the site's.
const (
	CauseState atlassian.Cause = "state-file" // the state cannot be saved
	CauseOther atlassian.Cause = "other"
)

// causeOf names why a part failed.
func causeOf(p part, err error) atlassian.Cause {
	if refusal, ok := errors.AsType[*atlassian.Error](err); ok {
		return refusal.Cause
	}
	if p == saves {
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

// New loads the checkpoint from store. Nothing is asked of the source before Run.
func New(ctx context.Context, source Source, store outbox.Store, o Options) (*Collector, error) {
	o.Limits = o.Limits.orDefault()
	out, err := outbox.New(ctx, store, o.Limits.Queued, o.BatchBytes)
	if err != nil {
		return nil, err
	}
	saved := out.Durable()
	first := !saved.Started()
	if first {
		// Durable before anything else: a kill must not move the start.
		start := o.Start.Truncate(time.Millisecond)
		if start.IsZero() {
			start = beginning
		}
		saved = outbox.Checkpoint{Origin: start, Head: start, Rescanned: time.Now()}
		if err := out.Begin(ctx, saved); err != nil {
			return nil, err
		}
	}
	return &Collector{
		Options: o, source: source, outbox: out,
		plan: saved.Advanced(), queued: saved, firstRun: first, isNew: first,
		windows: window.NewReader(source, o.Limits.Window), pieces: window.NewPlan(),
	}, nil
}

// LastAPI is the API that the last run read from, empty if it did not say. Ask before Run.
func (c *Collector) LastAPI() string { return c.outbox.Durable().API }

// Next returns the next batch to hand over, nil when there is none. The host owes it a Settle or a
// Refuse.
func (c *Collector) Next() *outbox.Batch { return c.outbox.Next() }

// Acknowledge says that the host has the batches, and keeps them across whatever the host survives.
// Those given together are made durable together.
func (c *Collector) Acknowledge(batches ...*outbox.Batch) { c.outbox.Acknowledge(batches) }

// Refuse says that the host did not take the batch: it comes again.
func (c *Collector) Refuse(b *outbox.Batch) { c.outbox.Refuse(b) }

// recovered turns a panic into an error: one record that a mistake of ours cannot stand must not
// take Fluent Bit down with all its other inputs.
func (c *Collector) recovered(err *error) {
	if r := recover(); r != nil {
		c.Log.Errorf("a mistake in the plugin, please report it: %v %s", r, debug.Stack())
		*err = fmt.Errorf("a mistake in the plugin, please report it: %v", r)
	}
}

// Queued returns how many bytes of events were read and are not yet known to be safe with the host.
func (c *Collector) Queued() int { return c.outbox.Bytes() }

// Stats returns the live counters.
func (c *Collector) Stats() *Stats { return &c.stats }

// Run reads until reading is done and commits until ctx is done, which ends reading too. What was
// settled before that is committed when it returns. The two ends differ because a host learns only
// at its end what it still has to settle.
func (c *Collector) Run(ctx, reading context.Context) {
	reading, cancel := context.WithCancel(reading)
	defer cancel()
	var reader sync.WaitGroup
	reader.Go(func() { c.read(reading) })
	c.commitUntil(ctx)
	cancel()
	reader.Wait()
	// A marker may have been queued by the reader between the last commit and its end.
	if err := c.commitAcknowledged(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, outbox.ErrLost) {
		c.Log.Errorf("save state on exit: %v; records delivered since the last save are delivered again after the next start", err)
	}
}

func (c *Collector) commitUntil(ctx context.Context) {
	var failedAt, sayNext time.Time
	sayGap := firstGap
	var again <-chan time.Time // a commit is due
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-c.outbox.Arrived:
			if c.outbox.AcknowledgedBytes() < c.Limits.Queued/2 {
				if again == nil {
					again = time.After(commitDelay)
				}
				continue
			}
		}
		again = nil
		err := c.commitAcknowledged(ctx)
		switch {
		case errors.Is(err, outbox.ErrLost):
			c.stats.failed(saves, err)
			c.stats.failing[saves].Store(new(causeOf(saves, err)))
			c.Log.Errorf("save state: %v; this collector stops, and the other one delivers what follows", err)
			return
		case err != nil:
			again = time.After(commitRetry)
			c.stats.failed(saves, err)
			c.stats.failing[saves].Store(new(causeOf(saves, err)))
			now := time.Now()
			if failedAt.IsZero() {
				failedAt, sayNext = now, now
			}
			if !now.Before(sayNext) {
				c.Log.Errorf("save state: %v; nothing is lost, but what is delivered now comes again after a kill, and reading stops soon: free space, "+
					"or mend the permissions of the db file", err)
				sayNext, sayGap = now.Add(sayGap), min(3*sayGap, lastGap)
			}
		case !failedAt.IsZero():
			c.Log.Infof("state can be saved again, after %s", time.Since(failedAt).Round(time.Second))
			c.stats.failing[saves].Store(nil)
			failedAt, sayGap = time.Time{}, firstGap
		}
	}
}

// commitAcknowledged makes the settled start of the outbox durable in one transaction.
func (c *Collector) commitAcknowledged(ctx context.Context) (err error) {
	defer c.recovered(&err)
	return c.outbox.Commit(ctx)
}

// horizon is where the fingerprints may be forgotten from. The site's clock bounds it, and ours: a
// record with a time to come must not make it run ahead.
func (c *Collector) horizon(p outbox.Checkpoint) time.Time {
	p.Head = window.Earlier(p.Head, window.Earlier(c.source.Now(), time.Now()))
	return p.Horizon(c.lookBack())
}

// lookBack is how long a fingerprint may still be asked for, with room for a rescan that takes
// long.
func (c *Collector) lookBack() time.Duration {
	return max(c.RescanWindow, c.Overlap) + c.RescanInterval + 10*time.Minute
}

// push queues b and, with it, the plan; it returns false when the run is over.
func (c *Collector) push(ctx context.Context, b *outbox.Batch) bool {
	size := len(b.Events) // the batch is the outbox's from now on
	if c.outbox.Push(ctx, b, c.endSlot) != nil {
		return false
	}
	// Not at each batch: what is handed over together costs the host less.
	if enough, waiting := c.Limits.Queued/3, c.outbox.Waiting(); waiting > enough && waiting-size <= enough {
		c.Ready()
	}
	return true
}
