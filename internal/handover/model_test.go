package handover_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/handover"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/window"
)

// The model runs the real collector, state file and handover with a simulated site and Fluent Bit
// through random scenarios with faults, and checks the promises. Every record since the start is
// delivered, and none before it. Each copy of twins has an id of its own. A record is delivered
// twice only after a kill before it was committed, and never once the state file has it.

type action int

const (
	arrive      action = iota // records of now
	arriveLate                // records of up to overlap ago
	arriveBack                // records of up to an hour ago
	arriveWhole               // the same, at whole seconds
	burst                     // many records of one millisecond
	twins                     // two identical records
	repeat                    // one that is identical to an older one
	untimed                   // a record without a time
	siteFails                 // the site answers errors, sometimes in the middle of a page
	siteWorks                 //
	oldFails                  // the site cannot return old records
	oldWorks                  //
	siteSlow                  // each read takes time
	siteQuick                 //
	saveFails                 // the disk fails, sometimes after the write took effect
	saveWorks                 //
	saveSlow                  // each write takes time, so that a stop or a kill happens during it
	saveQuick                 //
	pause                     // Fluent Bit pauses the input
	resume                    //
	refuse                    // Fluent Bit's ring is full
	accept
	stall       // Fluent Bit's main thread is busy and does not empty the ring
	suspend     // the whole process stands still
	scarce      // Fluent Bit can create a chunk only now and then
	plenty      //
	diskFull    // Fluent Bit cannot write its buffer
	diskFree    //
	clockAhead  // the site's Date header is wrong
	clockBehind //
	clockRight  //
	clockStops  // it stops
	rollOutNow  // all records have a new member from now on
	silence     // the site answers queries for a time without records
	speech      //
	orderlyStop // stop and start again
	kill        // SIGKILL and start again
	actions     // the number of actions
)

func (a action) String() string {
	return [...]string{
		"arrive", "arriveLate", "arriveBack", "arriveWhole", "burst", "twins", "repeat", "untimed", "siteFails", "siteWorks", "oldFails", "oldWorks",
		"siteSlow", "siteQuick", "saveFails", "saveWorks", "saveSlow", "saveQuick", "pause", "resume", "refuse", "accept", "stall", "suspend", "scarce",
		"plenty", "diskFull", "diskFree", "clockAhead", "clockBehind", "clockRight", "clockStops", "rollOut", "silence", "speech", "orderlyStop", "kill",
	}[a]
}

func (m move) String() string { return fmt.Sprintf("%s %d %s", m.do, m.n, m.after) }

type move struct {
	do    action
	n     int
	after time.Duration
}

const (
	pollInterval = 15 * time.Second
	overlap      = 10 * time.Minute
	rescanWindow = 4 * time.Hour
	rescanEvery  = 30 * time.Minute
	// longest is how long a scenario may take. It is so long that a record that arrives an hour
	// late is found by a rescan.
	longest = 90 * time.Minute
)

// A scene is a site, a Fluent Bit, and the limits. Small limits make windows and batches of few
// records, so that events happen between two of them.
type scene struct {
	counts  bool // Fluent Bit counts records
	beats   bool // Fluent Bit tells that its main thread works
	drops   int  // processors of the input drop every drops-th record
	doubles bool // processors make two of each record
	direct  bool // the input has no thread of its own
	files   bool // chunks are files
	room    int  // batches that fit into its ring
	start   time.Duration
	backlog int // records at the start, spread over 12 hours
	batch   int // bytes
	limits  collect.Limits
	moves   []move
}

func drawScene(rt *rapid.T) scene {
	return scene{
		counts:  rapid.Bool().Draw(rt, "host counts records"),
		beats:   rapid.Bool().Draw(rt, "storage metrics"),
		drops:   rapid.SampledFrom([]int{0, 0, 10, 2, 1}).Draw(rt, "drops"),
		doubles: rapid.Bool().Draw(rt, "doubles"),
		direct:  rapid.Bool().Draw(rt, "threaded off"),
		files:   rapid.Bool().Draw(rt, "chunks are files"),
		room:    rapid.SampledFrom([]int{1000, 5, 1}).Draw(rt, "room"),
		start:   rapid.SampledFrom([]time.Duration{rescanWindow, 12 * time.Hour, 10 * time.Minute}).Draw(rt, "start"),
		backlog: rapid.IntRange(0, 80).Draw(rt, "backlog"),
		batch:   rapid.SampledFrom([]int{1000, 300, 100}).Draw(rt, "batch"),
		limits: collect.Limits{
			Window: window.Limits{
				Records: rapid.SampledFrom([]int{0, 60, 25, 10}).Draw(rt, "window records"),
				Bytes:   rapid.SampledFrom([]int{0, 0, 300}).Draw(rt, "window bytes"),
				Page:    rapid.SampledFrom([]int{0, 20, 6}).Draw(rt, "page"),
			},
			Queued: rapid.SampledFrom([]int{0, 2000, 500}).Draw(rt, "queued"),
		},
		moves: rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) move {
			return move{
				do: action(rapid.IntRange(0, int(actions)-1).Draw(rt, "do")),
				n:  rapid.IntRange(1, 20).Draw(rt, "n"),
				// Mostly short, so that there is a batch in flight at a kill.
				after: time.Duration(rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, 40), rapid.IntRange(0, 400), rapid.IntRange(0, 4000)).Draw(rt, "quarters")) * 250 * time.Millisecond,
			}
		}), 1, 40).Draw(rt, "moves"),
	}
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScene(rt)
		var failure error
		synctest.Test(t, func(t *testing.T) { failure = play(t, s) })
		if failure != nil {
			rt.Fatal(failure)
		}
	})
}

// play runs one scenario, and returns an error if a promise was broken.
func play(t *testing.T, s scene) error {
	d := &disk{}
	m := &model{
		t: t, scene: s, site: &site{}, disk: d,
		host: &fluentBit{counts: s.counts, beats: s.beats, direct: s.direct, files: s.files, drops: s.drops, doubles: s.doubles, room: s.room, disk: d},
		path: filepath.Join(t.TempDir(), "state.db"),
	}
	for n := range s.backlog {
		m.site.addWhole(1, epoch.Add(-12*time.Hour*time.Duration(n)/time.Duration(s.backlog)))
	}
	m.start()
	m.run(time.Second)
	left := longest
	for _, mv := range s.moves {
		m.do(mv)
		// With a host that does not count, and after a failed commit at exit, a stop may cause
		// repeats too.
		if mv.do == kill || mv.do == orderlyStop && (!s.counts || m.disk.failing.Load() || !m.host.paused.IsZero()) {
			m.doubts = append(m.doubts, len(m.host.chunks))
		}
		// A batch that the host has dropped in part is handed over again as a whole.
		m.dropped = m.dropped || mv.do == diskFull
		after := min(mv.after, left)
		left -= after
		m.run(after)
	}
	m.run(2 * time.Second)
	m.site.failing.Store(false)
	m.site.oldFails.Store(false)
	m.site.latency.Store(0)
	m.disk.failing.Store(false)
	m.disk.latency.Store(0)
	m.site.skew.Store(0)
	m.site.still.Store(0)
	m.site.silent.Store(false)
	m.host.full, m.host.noDisk, m.host.scarce = false, false, 0
	m.host.resume(m.instance)
	// Long enough for the longest back-off, the next deep rescan, and its hand-over.
	m.run(rescanEvery + 5*time.Minute)
	m.stop()
	return m.verdict()
}

type model struct {
	scene
	t    *testing.T
	site *site
	disk *disk
	host *fluentBit
	path string

	file      *state.File
	collector *collect.Collector
	instance  *handover.Sender
	cancel    context.CancelFunc
	done      chan struct{}
	quarter   int
	doubts    []int // how many events had arrived at each moment after which repeats are allowed
	dropped   bool
	// false once this process was killed: nothing that it does has an effect any more
	alive *atomic.Bool
}

// start starts the process.
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
	m.site.forget()
	m.collector, err = collect.New(context.Background(), m.site, &failingStore{file, m.disk, alive}, collect.Options{
		PollInterval: pollInterval, Overlap: overlap, RescanInterval: rescanEvery, RescanWindow: rescanWindow,
		BackfillRequests: 4, Start: epoch.Add(-m.scene.start), Log: log, BatchBytes: m.batch, Limits: m.limits, Ready: func() {},
		Encode: func(dst []byte, _ time.Time, doc *document.Document, meta event.Meta) []byte {
			return fmt.Appendf(dst, "%s %s\n", eventID(meta.Fingerprint, meta.Occurrence), doc.Raw())
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

func eventID(f document.Fingerprint, occurrence int) string {
	return string(event.AppendEventID(nil, &event.Site{URL: "https://site"}, f, occurrence))
}

// run lets time pass: Fluent Bit empties its ring four times a second and calls the input once a
// second. The next action may happen at any moment between two calls.
func (m *model) run(d time.Duration) {
	const quarter = 250 * time.Millisecond
	for end := time.Now().Add(d); time.Now().Before(end); {
		steps := 1
		// nothing is in flight, so nothing happens between two calls
		if m.collector.Queued() == 0 && time.Until(end) >= 4*quarter {
			steps = 4 - m.quarter%4
		}
		time.Sleep(time.Duration(steps) * quarter)
		m.host.turn()
		if m.quarter += steps; m.quarter%4 == 0 {
			m.instance.Tick()
		}
		synctest.Wait()
	}
}

// stop simulates SIGTERM: pause, up to a second in which the ring is still emptied, exit.
func (m *model) stop() {
	m.instance.Pause()
	if m.quarter%2 == 0 {
		m.host.drain()
	}
	m.instance.Stop()
	m.end()
}

// kill simulates SIGKILL: what is in the ring is lost, and nothing more is committed.
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
		m.site.add(mv.n, m.notBefore(now.Add(-time.Hour*time.Duration(mv.n)/20)))
	case arriveWhole:
		m.site.addWhole(mv.n, m.notBefore(now.Add(-time.Hour*time.Duration(mv.n)/20)))
	case burst:
		m.site.addBurst(3*mv.n, now)
	case twins:
		m.site.addTwins(now)
	case repeat:
		m.site.repeat(mv.n, now.Add(-overlap/2))
	case untimed:
		m.site.addUntimed(now)
	case siteFails, siteWorks:
		m.site.failing.Store(mv.do == siteFails)
	case oldFails, oldWorks:
		m.site.oldFails.Store(mv.do == oldFails)
	case siteSlow:
		m.site.latency.Store(int64(mv.n) * int64(100*time.Millisecond))
	case siteQuick:
		m.site.latency.Store(0)
	case saveFails, saveWorks:
		m.disk.failing.Store(mv.do == saveFails)
	case saveSlow:
		m.disk.latency.Store(int64(mv.n) * int64(100*time.Millisecond))
	case saveQuick:
		m.disk.latency.Store(0)
	case pause:
		if m.host.direct && m.host.counts && mv.n%2 == 0 {
			m.instance.Pause() // another input of the thread is meant, as the host's gauge shows
			return
		}
		m.host.pause(m.instance)
	case resume:
		m.host.resume(m.instance)
	case refuse, accept:
		m.host.full = mv.do == refuse
	case stall:
		// Without counts, a stall looks like an emptied ring; without a beat, a long one looks like
		// a refusal.
		switch {
		case m.host.counts && m.host.beats:
			m.host.stalled = now.Add(time.Duration(mv.n*mv.n) * 250 * time.Millisecond)
		case m.host.counts:
			m.host.stalled = now.Add(time.Duration(mv.n) * time.Second)
		}
	case suspend:
		if m.host.counts || m.host.direct {
			time.Sleep(time.Duration(mv.n) * time.Minute)
		}
	case scarce, plenty:
		// otherwise nothing shows it
		if m.host.scarce = 0; mv.do == scarce && (m.host.counts || m.host.direct) {
			m.host.scarce = time.Duration(mv.n) * time.Second
		}
	case diskFull, diskFree:
		if m.host.files {
			// if the disk has room again before the next check, the failure cannot be seen
			m.run(2 * time.Second)
		}
		// otherwise nothing shows it
		m.host.noDisk = mv.do == diskFull && (m.host.counts || m.host.direct || m.host.files)
	case clockAhead:
		m.site.skew.Store(int64(mv.n) * int64(10*time.Minute))
	case clockBehind:
		m.site.skew.Store(-int64(mv.n) * int64(10*time.Minute))
	case clockRight:
		m.site.skew.Store(0)
		m.site.still.Store(0)
	case clockStops:
		m.site.still.Store(now.UnixMilli())
	case rollOutNow:
		m.site.change()
	case silence, speech:
		m.site.silent.Store(mv.do == silence)
	case orderlyStop:
		// Mostly one batch is being committed, and another is in flight.
		m.site.add(2*mv.n, now)
		if mv.n%2 == 0 {
			m.disk.latency.Store(int64(time.Second))
		}
		m.run(pollInterval + time.Duration(mv.n)*250*time.Millisecond)
		m.stop()
		m.start()
	case kill:
		if mv.n%2 == 0 { // while all this goes on
			m.kill()
			m.start()
			return
		}
		// Mostly a batch is in flight, and may stay there.
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

// notBefore keeps the times of late records after the start.
func (m *model) notBefore(t time.Time) time.Time {
	if first := epoch.Add(time.Minute - m.scene.start); t.Before(first) {
		return first
	}
	return t
}

// verdict compares the records of the site with the events in Fluent Bit's chunks.
func (m *model) verdict() error {
	if m.host.again != "" {
		return fmt.Errorf("%s was handed over again after it was saved", m.host.again)
	}
	last := make(map[string]int) // where each id arrived last
	// with how many ids each record arrived, in any form
	copies := make(map[string]int)
	for n, line := range m.host.chunks {
		id, text, _ := strings.Cut(line, " ")
		before, again := last[id]
		if last[id] = n; !again {
			copies[string(rollOut([]byte(text), 0))]++
		} else if !m.dropped && !slices.ContainsFunc(m.doubts, func(d int) bool { return before < d && d <= n }) {
			return fmt.Errorf("%s arrived twice, and nothing was killed in between", line)
		}
	}
	exist := make(map[string]int)
	place := make(map[string]time.Duration)
	crowd := make(map[int64]int)   // how many records there are at each place
	alone := make(map[string]bool) // records that are alone at their place
	for _, r := range m.site.records {
		crowd[r.place.UnixMilli()]++
	}
	for _, r := range m.site.records {
		text := string(rollOut(r.rec.Raw, 0))
		place[text] = r.place.Sub(epoch)
		alone[text] = crowd[r.place.UnixMilli()] == 1 && !r.rec.Time.IsZero()
		if !r.place.Before(epoch.Add(-m.scene.start)) {
			exist[text]++
		}
	}
	changed := func(text string) bool {
		// After a change of form some records may come again: those whose delivery was not
		// committed, and those that only their form distinguishes from new ones in the same
		// millisecond.
		return m.site.version > 0 && (!alone[text] || m.dropped || len(m.doubts) > 0)
	}
	for text, n := range exist {
		if copies[text] < n || copies[text] > n && !changed(text) {
			return fmt.Errorf("%s, %s after the epoch, exists %d times, arrived %d times", text, place[text], n, copies[text])
		}
	}
	if len(copies) != len(exist) {
		return fmt.Errorf("%d different records exist, %d arrived", len(exist), len(copies))
	}
	return nil
}

var errSimulated = errors.New("simulated")
