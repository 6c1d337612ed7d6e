package collect

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
)

// run is a collector in a synctest bubble, and a host that takes everything once a second unless
// told not to.
type run struct {
	*Collector
	log   *journal
	lines []arrival
	deaf  bool
}

// journal keeps the lines of the log.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Split(strings.TrimSpace(j.buf.String()), "\n")
}

type arrival struct {
	at   time.Time
	text string // its first word
	line string
	late time.Duration
}

// bubble starts a collector at the beginning of a synctest bubble and calls test.
func bubble(t *testing.T, src *site, st outbox.Store, o Options, test func(t *testing.T, r *run)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &run{log: &journal{}}
		log := logrus.New()
		log.SetOutput(r.log)
		log.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, DisableQuote: true})
		o.Log, o.Ready = log, func() {}
		o.BatchBytes = cmp.Or(o.BatchBytes, 100_000)
		o.PollInterval = cmp.Or(o.PollInterval, time.Minute)
		o.Overlap = cmp.Or(o.Overlap, 10*time.Minute)
		o.RescanInterval = cmp.Or(o.RescanInterval, 6*time.Hour)
		o.RescanWindow = cmp.Or(o.RescanWindow, 48*time.Hour)
		if o.Encode == nil {
			o.Encode = func(dst []byte, _ time.Time, doc *document.Document, meta event.Meta) []byte {
				return fmt.Appendf(dst, "%s %d\n", doc.Raw(), meta.Late)
			}
		}
		if o.Start.IsZero() {
			o.Start = time.Now().Add(-24 * time.Hour)
		}
		c, err := New(context.Background(), src, st, o)
		if err != nil {
			t.Fatal(err)
		}
		r.Collector = c
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { c.Run(ctx, ctx); close(done) }()
		synctest.Wait()
		test(t, r)
		cancel()
		<-done
	})
}

// pass lets time pass in steps of a second. In each step the host takes what there is.
func (r *run) pass(d time.Duration) {
	for range d / time.Second {
		r.take()
		time.Sleep(time.Second)
		synctest.Wait()
	}
	r.take()
}

func (r *run) take() {
	for !r.deaf {
		b := r.Next()
		if b == nil {
			return
		}
		for line := range strings.Lines(string(b.Events)) {
			var late time.Duration
			text, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			fmt.Sscan(rest, (*int64)(&late))
			r.lines = append(r.lines, arrival{time.Now(), text, line, late})
		}
		r.Acknowledge(b)
		synctest.Wait()
	}
}

func (r *run) texts() []string {
	var texts []string
	for _, l := range r.lines {
		texts = append(texts, l.text)
	}
	return texts
}
