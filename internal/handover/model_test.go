package handover_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/handover"
	"fluent-bit-confluence/internal/record"
	"fluent-bit-confluence/internal/state"
)

// The model drives the real collector, the real state file and the real hand-over against a site and a Fluent Bit that misbehave, through
// random scenarios, and checks the promises: every record is delivered, each copy of twins under an id of its own, and one is delivered twice
// only if a kill lost track of it.

type action int

const (
	arrive     action = iota // records of now
	arriveLate               // records of up to overlap ago
	arriveBack               // records of up to the rescan window ago
	twins                    // two identical records
	untimed                  // a record without a time
	siteFails                // the site answers errors, sometimes in the middle of a page
	siteWorks                //
	saveFails                // the disk fails, sometimes after the write took effect
	saveWorks                //
	pause                    // Fluent Bit pauses the input
	resume                   //
	refuse                   // Fluent Bit's ring is full
	accept
	stall       // Fluent Bit's main thread is busy and does not empty the ring
	diskFull    // Fluent Bit cannot write its buffer
	diskFree    //
	clockAhead  // the site's Date header is wrong
	clockBehind //
	clockRight  //
	orderlyStop // stop and start again
	kill        // SIGKILL and start again
	actions     // how many there are
)

type move struct {
	do    action
	n     int
	after time.Duration
}

const (
	pollInterval = 5 * time.Second
	overlap      = 10 * time.Minute
	rescanWindow = 4 * time.Hour
	rescanEvery  = 30 * time.Minute
)

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		host := &fluentBit{direct: rapid.Bool().Draw(rt, "threaded off"), counts: rapid.Bool().Draw(rt, "host counts records")}
		host.files = (host.counts || host.direct) && rapid.Bool().Draw(rt, "chunks are files")
		moves := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) move {
			return move{
				do: action(rapid.IntRange(0, int(actions)-1).Draw(rt, "do")),
				n:  rapid.IntRange(1, 20).Draw(rt, "n"),
				// Mostly short, so that a kill meets a batch in flight.
				after: time.Duration(rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, 800)).Draw(rt, "quarters")) * 250 * time.Millisecond,
			}
		}), 1, 40).Draw(rt, "moves")
		var failure error
		synctest.Test(t, func(t *testing.T) { failure = play(t, host, moves) })
		if failure != nil {
			rt.Fatal(failure)
		}
	})
}

// play runs one scenario and returns which promise was broken.
func play(t *testing.T, host *fluentBit, moves []move) error {
	m := &model{
		t: t, site: &site{}, disk: &disk{}, host: host,
		path: filepath.Join(t.TempDir(), "state.db"),
	}
	m.start()
	mayRepeat := false
	for _, mv := range moves {
		m.do(mv)
		// A host that does not count leaves some doubt at every stop; a save that failed on exit leaves it too.
		// What the host drops in part is handed over again as a whole.
		mayRepeat = mayRepeat || mv.do == kill || mv.do == diskFull || mv.do == orderlyStop && (!host.counts || m.disk.failing.Load() || !m.host.paused.IsZero())
		m.run(mv.after)
	}
	m.site.failing.Store(false)
	m.disk.failing.Store(false)
	m.site.skew.Store(0)
	m.host.full, m.host.noDisk = false, false
	m.host.resume(m.instance)
	// Long enough for the longest pause after failures, the next deep rescan, and what follows it.
	m.run(rescanEvery + 5*time.Minute)
	m.stop()
	return m.verdict(mayRepeat)
}

type model struct {
	t    *testing.T
	site *site
	disk *disk
	host *fluentBit
	path string

	file      *state.File
	collector *collect.Collector
	instance  *handover.Instance
	cancel    context.CancelFunc
	done      chan struct{}
	quarter   int
	alive     *atomic.Bool // false once this life of the process was killed: nothing it does takes effect any more
}

// start is the start of the process.
func (m *model) start() {
	file, err := state.Open(m.path, "https://site")
	if err != nil {
		m.t.Fatal(err)
	}
	alive := new(atomic.Bool)
	alive.Store(true)
	m.file, m.alive = file, alive
	log := logrus.New()
	log.SetOutput(io.Discard)
	m.collector, err = collect.New(m.site, &failingStore{file, m.disk, alive}, collect.Options{
		PollInterval: pollInterval, Overlap: overlap, RescanInterval: rescanEvery, RescanWindow: rescanWindow,
		Start: epoch.Add(-rescanWindow), Log: log, BatchBytes: 1000, Ready: func() {},
		Encode: func(dst []byte, _ time.Time, doc *record.Document, meta record.Meta) []byte {
			dst = record.AppendEventID(dst, "https://site", meta.Fingerprint, meta.Occurrence)
			return fmt.Appendf(dst, " %s\n", doc.Raw())
		},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.instance = handover.New(m.collector, m.host, log)
	m.host.restart()
	ctx, cancel := context.WithCancel(m.t.Context())
	done := make(chan struct{})
	m.cancel, m.done = cancel, done
	go func() { m.collector.Run(ctx, ctx); close(done) }()
}

// run lets time pass: Fluent Bit empties its ring four times a second and calls the input once a second. What happens next may fall anywhere
// between two calls.
func (m *model) run(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(250 * time.Millisecond)
		m.host.drain()
		if m.quarter++; m.quarter%4 == 0 {
			m.instance.Tick()
		}
		synctest.Wait()
	}
}

// stop is SIGTERM: pause, up to a second in which the ring is still emptied, exit.
func (m *model) stop() {
	m.instance.Pause()
	if m.quarter%2 == 0 {
		m.host.drain()
	}
	m.instance.Stop()
	m.end()
}

// kill is SIGKILL: what is in the ring is lost, nothing more is saved.
func (m *model) kill() {
	m.alive.Store(false)
	m.end()
}

func (m *model) end() {
	m.cancel()
	<-m.done
	if err := m.file.Close(); err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) do(mv move) {
	now := time.Now()
	switch mv.do {
	case arrive:
		m.site.add(mv.n, now)
	case arriveLate:
		m.site.add(mv.n, now.Add(-overlap*time.Duration(mv.n)/25))
	case arriveBack:
		m.site.add(mv.n, now.Add(-(rescanWindow-rescanEvery)*time.Duration(mv.n)/25))
	case twins:
		m.site.addTwins(now)
	case untimed:
		m.site.addUntimed(now)
	case siteFails, siteWorks:
		m.site.failing.Store(mv.do == siteFails)
	case saveFails, saveWorks:
		m.disk.failing.Store(mv.do == saveFails)
	case pause:
		m.host.pause(m.instance)
	case resume:
		m.host.resume(m.instance)
	case refuse, accept:
		m.host.full = mv.do == refuse
	case stall:
		// A host that does not count cannot be told from one that has emptied its ring.
		if m.host.counts {
			m.host.stalled = now.Add(time.Duration(mv.n) * 200 * time.Millisecond)
		}
	case diskFull, diskFree:
		// A host that does not count cannot be told from one that has room.
		m.host.noDisk = mv.do == diskFull && (m.host.counts || m.host.files || m.host.direct)
	case clockAhead:
		m.site.skew.Store(int64(mv.n) * int64(10*time.Minute))
	case clockBehind:
		m.site.skew.Store(-int64(mv.n) * int64(10*time.Minute))
	case clockRight:
		m.site.skew.Store(0)
	case orderlyStop:
		m.stop()
		m.start()
	case kill:
		// Something is in flight, mostly, and may not get further.
		m.site.add(mv.n, now)
		m.run(pollInterval)
		switch {
		case mv.n%3 == 0 && m.host.counts:
			m.host.stalled = time.Now().Add(time.Minute)
		case mv.n%3 == 1:
			m.host.pause(m.instance)
		}
		m.site.add(mv.n, time.Now())
		m.run(pollInterval + time.Duration(mv.n)*250*time.Millisecond)
		m.kill()
		m.start()
	}
}

// verdict compares what exists with what has arrived in Fluent Bit's chunks.
func (m *model) verdict(mayRepeat bool) error {
	ids := make(map[string]int)    // how often each id arrived
	copies := make(map[string]int) // how many ids each record's text arrived under
	for _, line := range m.host.chunks {
		id, text, _ := strings.Cut(line, " ")
		if ids[id]++; ids[id] == 1 {
			copies[text]++
		} else if !mayRepeat {
			return fmt.Errorf("%s arrived twice, and nothing was killed", line)
		}
	}
	exist := make(map[string]int)
	for _, r := range m.site.records {
		exist[string(r.rec.Raw)]++
	}
	for text, n := range exist {
		if copies[text] != n {
			return fmt.Errorf("%s exists %d times, arrived %d times", text, n, copies[text])
		}
	}
	if len(copies) != len(exist) {
		return fmt.Errorf("%d different records exist, %d arrived", len(exist), len(copies))
	}
	return nil
}

var errSimulated = errors.New("simulated")
