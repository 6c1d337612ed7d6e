package collect

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/backoff"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/window"
)

// crowded is a site that counts how many sites are read for older ranges at the same time.
type crowded struct {
	site
	now, most *atomic.Int64
}

func (s *crowded) Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	if time.Since(to) > time.Hour {
		s.most.Store(max(s.most.Load(), s.now.Add(1)))
		defer s.now.Add(-1)
	}
	return s.site.Read(ctx, from, to, yield)
}

// crowd starts n collectors that have old records to catch up with and share slots. Hosts take
// everything once a second; deaf hosts take nothing.
func crowd(t *testing.T, n, old, slots, deaf int, test func(sites []*crowded, delivered func(i int) int64)) (most int64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var reading, highest atomic.Int64
		shared := NewSlots(slots)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sites, all := make([]*crowded, n), make([]*Collector, n)
		log := logrus.New()
		log.SetOutput(io.Discard)
		for i := range n {
			s := &crowded{site: site{latency: 100 * time.Millisecond}, now: &reading, most: &highest}
			for k := range old {
				s.add(time.Now().Add(-47*time.Hour+time.Duration(k)*20*time.Minute), fmt.Sprint("old-", k))
			}
			c, err := New(context.Background(), s, &store{}, Options{
				Limits: Limits{Window: window.Limits{Records: 20, Page: 10}, Queued: 200}, Slots: shared, BackfillRequests: 4, Log: log, Ready: func() {}, BatchBytes: 100,
				PollInterval: 10 * time.Second, Overlap: 10 * time.Minute, RescanInterval: 6 * time.Hour, RescanWindow: 48 * time.Hour, Start: time.Now().Add(-48 * time.Hour),
				Encode: func(dst []byte, _ time.Time, doc *document.Document, _ event.Meta) []byte {
					return append(dst, doc.Raw()...)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			sites[i], all[i] = s, c
			go c.Run(ctx, ctx)
			time.Sleep(time.Second)
			if i >= deaf {
				go func() {
					for ctx.Err() == nil {
						for b := c.Next(); b != nil; b = c.Next() {
							c.Acknowledge(b)
						}
						_ = backoff.Sleep(ctx, time.Second)
					}
				}()
			}
		}
		test(sites, func(i int) int64 { return all[i].Stats().Records.Load() })
		cancel()
		synctest.Wait()
		most = highest.Load()
	})
	return most
}

// However many collectors have to catch up, no more do so at a time than there are slots, and in
// the end all have.
func TestSlots(t *testing.T) {
	t.Parallel()
	const records = 100
	most := crowd(t, 8, records, 2, 0, func(sites []*crowded, delivered func(int) int64) {
		time.Sleep(10 * time.Minute)
		for i := range sites {
			if got := delivered(i); got != records {
				t.Errorf("site %d delivered %d of %d records", i, got, records)
			}
		}
	})
	if most != 2 {
		t.Errorf("%d read at the same time, want 2", most)
	}
}

// A site that waits for a slot is still polled.
func TestPollsNeedNoSlot(t *testing.T) {
	t.Parallel()
	const records = 100
	crowd(t, 3, records, 1, 1, func(sites []*crowded, delivered func(int) int64) {
		// while the first one, whose host takes nothing, has the slot
		sites[2].add(time.Now(), "new")
		time.Sleep(30 * time.Second)
		if got := delivered(2); got != 2 {
			t.Errorf("%d records delivered of a site that waits for its slot, want the new one and the newest old one", got)
		}
		time.Sleep(10 * time.Minute)
		for i := 1; i < 3; i++ {
			if got := delivered(i); got < records {
				t.Errorf("site %d delivered %d of %d records beside one that is stuck", i, got, records)
			}
		}
	})
}
