package confluence_test

import (
	"context"
	"errors"

	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/record"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
)

// mortal is a store that saves nothing after a kill.
type mortal struct {
	collect.Store
	killed atomic.Bool
}

func (m *mortal) Commit(c collect.Commit) error {
	if m.killed.Load() {
		return errors.New("killed")
	}
	return m.Store.Commit(c)
}

// A busy site that refuses or cuts one request in eight, in the midst of kills and stops, is never left behind: what it
// has recorded meanwhile is there soon after, all of it, and nothing comes twice but after a kill.
func TestBusySite(t *testing.T) {
	t.Parallel()
	faults := []simulate.Fault{{Kind: simulate.FaultRateLimit, Value: "1", Share: 1. / 16}, {Kind: simulate.FaultCut, Share: 1. / 16}}
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		t.Run(deployment, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const overlap, rate = 5 * time.Minute, 40
				options := confluence.Options{PageSize: 200}
				sim, _ := bubbled(t, simulate.Options{Deployment: deployment, Rate: rate, Records: rate * int(overlap/time.Second), History: overlap,
					Seed: 11, Latency: 50 * time.Millisecond, Faults: faults}, options)
				store, got, chance := state.NewMemory(), map[string]int{}, rand.New(rand.NewPCG(7, 7))
				log := logrus.New()
				log.SetOutput(t.Output())
				live := func(span time.Duration, kill bool) {
					m := &mortal{Store: store}
					_, client := bubbled(t, simulate.Options{Deployment: deployment}, options)
					client.InMemory(sim)
					c, err := collect.New(client, m, collect.Options{
						PollInterval: 2 * time.Second, Overlap: overlap, RescanInterval: time.Hour, RescanWindow: time.Hour, Start: time.Now().Add(-10 * time.Minute),
						BatchBytes: 128 << 10, Limits: collect.Limits{Page: 200}, Log: log, Ready: func() {},
						Encode: func(dst []byte, _ time.Time, doc *record.Document, _ record.Meta) []byte {
							return append(append(dst, doc.Raw()...), '\n')
						},
					})
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithCancel(t.Context())
					ended := make(chan struct{})
					go func() {
						c.Run(ctx, ctx)
						close(ended)
					}()
					for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
						for b := c.Next(); b != nil; b = c.Next() {
							for line := range strings.Lines(string(b.Events)) {
								got[strings.TrimSpace(line)]++
							}
							c.Settle(b)
						}
					}
					m.killed.Store(kill)
					cancel()
					<-ended
				}
				for range 4 {
					live(time.Duration(5+chance.IntN(40))*time.Second, true)
					live(time.Duration(5+chance.IntN(40))*time.Second, false)
					time.Sleep(time.Duration(chance.IntN(20)) * time.Second)
				}
				before := len(got)
				live(3*time.Minute, false)
				missing, surplus, until := 0, 0, time.Now().Add(-30*time.Second)
				for r := range sim.Records() {
					switch n := got[string(r.JSON)]; {
					case strings.HasPrefix(r.Serial, "SEARCH-"):
					case n < r.Copies && r.Time.Before(until):
						missing++
					case n > r.Copies:
						surplus += n - r.Copies
					}
				}
				if missing > 0 || len(got) == before {
					t.Errorf("%d records older than half a minute are missing", missing)
				}
				if surplus > 4*2*rate*10 { // of four kills
					t.Errorf("%d came again", surplus)
				}
			})
		})
	}
}
