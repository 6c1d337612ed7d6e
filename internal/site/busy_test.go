package site_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/window"
)

// mortal is a store that saves nothing after a kill.
type mortal struct {
	outbox.Store
	killed atomic.Bool
}

func (m *mortal) Replace(ctx context.Context, version outbox.Version, c outbox.Commit) (outbox.Version, error) {
	if m.killed.Load() {
		return version, errors.New("killed")
	}
	return m.Store.Replace(ctx, version, c)
}

// led is a collector that reads a simulated site in a synctest bubble, with a host that takes
// everything once a second.
type led struct {
	*collect.Collector
	got map[string]int // how often each record was delivered
	log bytes.Buffer   // to be read when the bubble waits
	end func()
}

// lead starts a collector of what client reads.
func lead(t *testing.T, client *site.Client, store outbox.Store, o collect.Options, got map[string]int) *led {
	t.Helper()
	l := &led{got: got}
	log := logrus.New()
	log.SetOutput(&l.log)
	o.Log, o.Ready, o.BatchBytes = log, func() {}, 128<<10
	if o.Start.IsZero() {
		o.Start = time.Now().Add(-24 * time.Hour)
	}
	o.RescanInterval, o.RescanWindow = 6*time.Hour, 48*time.Hour
	o.Encode = func(dst []byte, _ time.Time, doc *document.Document, _ event.Meta) []byte {
		return append(append(dst, doc.Raw()...), '\n')
	}
	var err error
	if l.Collector, err = collect.New(t.Context(), client, store, o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		l.Run(ctx, ctx)
		close(ended)
	}()
	l.end = func() {
		cancel()
		<-ended
	}
	return l
}

// pass lets time pass.
func (l *led) pass(span time.Duration) {
	for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(min(span, time.Second)) {
		for b := l.Next(); b != nil; b = l.Next() {
			for line := range strings.Lines(string(b.Events)) {
				l.got[strings.TrimSpace(line)]++
			}
			l.Acknowledge(b)
		}
	}
}

// compare returns how many records older than then were not delivered, and how many deliveries were
// repeats.
func (l *led) compare(sim *simulate.Simulator, then time.Time) (missing, again int) {
	return compareCounts(sim, l.got, then)
}

func compareCounts(sim *simulate.Simulator, got map[string]int, then time.Time) (missing, again int) {
	for r := range sim.Records() {
		switch n := got[string(r.JSON)]; {
		case strings.HasPrefix(r.Serial, "SEARCH-"):
		case n < r.Copies && r.Visible.Before(then):
			missing += r.Copies - n
		case n > r.Copies:
			again += n - r.Copies
		}
	}
	return missing, again
}

// A busy site refuses or cuts one request in eight, and the collector is killed and stopped several
// times. It never falls far behind, loses nothing, and repeats records only after a kill.
func TestBusySite(t *testing.T) {
	t.Parallel()
	faults := []simulate.Fault{{Kind: simulate.FaultRateLimit, Value: "1", Share: 1. / 16}, {Kind: simulate.FaultCut, Share: 1. / 16}}
	played := kinds[:]
	if testing.Short() {
		played = kinds[:1]
	}
	for _, k := range played {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const overlap, rate = 5 * time.Minute, 40
				options := atlassian.Options{PageSize: 200}
				sim := simulate.New(k.Of(simulate.Options{Rate: rate, Records: rate * int(overlap/time.Second), History: overlap,
					Seed: 11, Latency: 50 * time.Millisecond, Faults: faults}))
				store, got, chance := state.NewMemory(), map[string]int{}, rand.New(rand.NewPCG(7, 7))
				live := func(span time.Duration, kill bool) {
					client := bubbledTo(t, k, sim, options)
					m := &mortal{Store: store}
					l := lead(t, client, m, collect.Options{BackfillRequests: 4, Slowed: client.Slowed, PollInterval: 2 * time.Second, Overlap: overlap, Limits: collect.Limits{Window: window.Limits{Page: 200}}}, got)
					l.pass(span)
					m.killed.Store(kill)
					l.end()
				}
				for range 4 {
					live(time.Duration(5+chance.IntN(40))*time.Second, true)
					live(time.Duration(5+chance.IntN(40))*time.Second, false)
					time.Sleep(time.Duration(chance.IntN(20)) * time.Second)
				}
				before := len(got)
				live(3*time.Minute, false)
				missing, again := compareCounts(sim, got, time.Now().Add(-30*time.Second))
				if missing > 0 || len(got) == before {
					t.Errorf("%d records older than half a minute are missing", missing)
				}
				if again > 4*2*rate*10 { // of four kills
					t.Errorf("%d came again", again)
				}
			})
		})
	}
}
