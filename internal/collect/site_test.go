package collect_test

import (
	"bytes"
	"cmp"
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
)

// A life is one run of a collector that reads a simulated site over HTTP, and a host that takes
// everything at once.
type life struct {
	*collect.Collector
	t     *testing.T
	sim   *simulate.Simulator
	ready chan struct{}
	wake  atomic.Bool

	mu   sync.Mutex
	got  map[string]int // how often each record came
	last int            // number of records delivered
	log  bytes.Buffer
}

// begin starts a collector of sim.
func begin(t *testing.T, sim *simulate.Simulator, store outbox.Store, o collect.Options) *life {
	t.Helper()
	server := httptest.NewServer(sim)
	options := atlassian.Options{APIURL: server.URL}
	if sim.Summary().Deployment == simulate.DataCenter {
		options.PersonalAccessToken = atlassian.NewSecret("personal-access-token")
	} else {
		options.UserIdentifier, options.APIToken, options.Route = "admin@example.com", atlassian.NewSecret("unscoped-token"), atlassian.RouteSite
	}
	client, err := confluence.New(options)
	if err != nil {
		t.Fatal(err)
	}
	l := &life{t: t, sim: sim, ready: make(chan struct{}, 1), got: make(map[string]int)}
	log := logrus.New()
	log.SetOutput(l)
	log.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, DisableQuote: true})
	o.Log, o.Ready = log, func() { notify(l.ready) }
	o.BatchBytes = 128 << 10
	o.PollInterval = cmp.Or(o.PollInterval, time.Second)
	o.Overlap, o.RescanInterval, o.RescanWindow = 10*time.Minute, 6*time.Hour, 48*time.Hour
	if o.Start.IsZero() {
		o.Start = time.Now().Add(-24 * time.Hour)
	}
	o.Changed = func() bool { return l.wake.Swap(false) }
	o.Encode = func(dst []byte, _ time.Time, doc *document.Document, _ event.Meta) []byte {
		return append(append(dst, doc.Raw()...), '\n')
	}
	if l.Collector, err = collect.New(context.Background(), client, cmp.Or(store, outbox.Store(state.NewMemory())), o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { l.Run(ctx, ctx) })
	done.Go(func() {
		for {
			l.take()
			select {
			case <-l.ready:
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		done.Wait()
		server.Close()
	})
	return l
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (l *life) take() {
	for b := l.Next(); b != nil; b = l.Next() {
		l.mu.Lock()
		for line := range strings.Lines(string(b.Events)) {
			l.got[strings.TrimSpace(line)]++
		}
		l.last += b.Records
		l.mu.Unlock()
		l.Acknowledge(b)
	}
}

func (l *life) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

// lines returns the lines of the log.
func (l *life) lines() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}

// records returns how many records were delivered.
func (l *life) records() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// until waits until a condition is true.
func (l *life) until(what string, true func() bool) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); !true(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			l.t.Fatalf("%s: not within a minute; %d records came; the log:\n%s", what, l.records(), l.lines())
		}
	}
}

// polls waits for n more polls to be complete.
func (l *life) polls(n int) {
	l.t.Helper()
	for range n {
		last := l.Stats().Polled.Load()
		l.until("a poll", func() bool { return l.Stats().Polled.Load() > last })
	}
}

// mend makes the collector try again at once, as a new credential does.
func (l *life) mend() { l.wake.Store(true) }

// audited returns how many records were delivered, without health records.
func (l *life) audited() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line, times := range l.got {
		if !strings.Contains(line, `"category":"Collector"`) {
			n += times
		}
	}
	return n
}

// health reports whether a health record of a kind was delivered.
func (l *life) health(kind collect.Health) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range l.got {
		if strings.Contains(line, `"summary":"`+string(kind)+`"`) {
			return true
		}
	}
	return false
}

// once checks that each record of the site was delivered as often as the site has it.
func (l *life) once() {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	missing, again := 0, 0
	for r := range l.sim.Records() {
		switch n := l.got[string(r.JSON)]; {
		case n < r.Copies:
			missing += r.Copies - n
		case n > r.Copies:
			again += n - r.Copies
		}
	}
	if missing > 0 || again > 0 {
		l.t.Errorf("%d records are missing, %d came again; the log:\n%s", missing, again, l.log.String())
	}
}

// audit returns how many requests were for the audit log.
func (l *life) audit() (n int) {
	for _, r := range l.sim.Requests() {
		if strings.HasSuffix(r.Path, "/rest/api/audit") {
			n++
		}
	}
	return n
}
