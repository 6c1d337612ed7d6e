package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/organization"
)

// following is a simulated organization in a synctest bubble, the state that survives a follower,
// and what the host has got.
type following struct {
	t     *testing.T
	sim   *simulate.Simulator
	store *store
	log   *journal
	start time.Time
	page  int
	keeps time.Duration
	got   map[string]int // by fingerprint
	order []time.Time    // of the events, as they came
	f     *Follower

	feed  Feed            // in place of the simulated organization, if it is set
	site  string          // named in health records, if it is set
	took  []time.Duration // from the events to their processing, as they were told
	notes map[string]int  // health records, by what they say
	ready chan struct{}   // the host should look for batches
}

func follow(t *testing.T, o simulate.Options, test func(*following)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Product = simulate.Organization
		test(&following{t: t, sim: simulate.New(o), store: &store{}, log: &journal{}, page: 100, start: time.Now().Add(-48 * time.Hour), got: map[string]int{}, notes: map[string]int{}, ready: make(chan struct{}, 1)})
	})
}

// look tells the host to look for batches.
func (w *following) look() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// looks reports whether the host was told to look for batches.
func (w *following) looks() bool {
	select {
	case <-w.ready:
		return true
	default:
		return false
	}
}

// run lets a follower run for a while, with a host that takes everything at once, and ends it. With
// kill the host takes nothing and the last of it is lost, as after a kill.
func (w *following) run(d time.Duration, kill bool) {
	w.t.Helper()
	log := logrus.New()
	log.SetOutput(w.log)
	o := organization.Options{OrgID: "22222222-3333-4444-8555-666666666666"}
	o.APIToken, o.Transport, o.PageSize = atlassian.NewSecret("org-key"), simulate.InMemory(w.sim), w.page
	client, err := organization.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	feed := Feed(client)
	if w.feed != nil {
		feed = w.feed
	}
	f, err := Follow(context.Background(), feed, w.store, Options{
		PollInterval: time.Minute, RescanWindow: 6 * time.Hour, Start: w.start, ByID: true, Log: log, Ready: w.look, HealthSite: w.site, BatchBytes: 10_000, Keeps: w.keeps,
		Processed: func(after time.Duration) { w.took = append(w.took, after) },
		Encode: func(dst []byte, at time.Time, doc *document.Document, meta event.Meta) []byte {
			var note struct{ Category, Summary, Description string }
			if w.site != "" && json.Unmarshal(doc.Raw(), &note) == nil && note.Category == "Collector" {
				w.notes[note.Summary+": "+note.Description]++
				return dst
			}
			return fmt.Appendf(dst, "%x %d\n", meta.Fingerprint, at.UnixMilli())
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.f = f
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { f.Run(ctx, ctx); close(done) }()
	step := max(time.Second, d/300)
	for range d / step {
		synctest.Wait()
		if !w.looks() {
			time.Sleep(step)
			continue
		}
		for b := f.Next(); b != nil; b = f.Next() {
			for line := range strings.Lines(string(b.Events)) {
				var id string
				var at int64
				fmt.Sscan(line, &id, &at)
				w.got[id]++
				w.order = append(w.order, time.UnixMilli(at))
			}
			if !kill {
				f.Acknowledge(b)
			}
			synctest.Wait()
		}
		time.Sleep(step)
	}
	cancel()
	<-done
}

// want checks that all events that the organization has shown for a while have come, each so often
// at most, and no others.
func (w *following) want(most int) {
	w.t.Helper()
	exist, lost := map[string]bool{}, 0
	for r := range w.sim.Records() {
		hasher := document.Hasher{ByID: true}
		var doc document.Document
		doc.Parse(r.JSON)
		id := fmt.Sprintf("%x", hasher.Fingerprint(&doc))
		exist[id] = true
		if due := time.Now().Add(-4 * time.Minute); w.got[id] == 0 && r.Visible.Before(due) && r.Visible.After(w.start) {
			lost++
		}
	}
	surplus, often := 0, 0
	for id, n := range w.got {
		if often = max(often, n); !exist[id] {
			surplus++
		}
	}
	if lost > 0 || surplus > 0 || often > most || len(w.got) == 0 {
		w.t.Errorf("of %d events %d did not come, %d came that do not exist, one %d times; log:\n%.3000s", len(exist), lost, surplus, often, strings.Join(w.log.lines(), "\n"))
	}
}

func (w *following) faults(faults ...simulate.Fault) {
	w.t.Helper()
	if err := w.sim.SetFaults(faults...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *following) logged(text string) int { return strings.Count(w.log.buf.String(), text) }

func (w *following) wantLogged(text string) {
	w.t.Helper()
	if w.logged(text) == 0 {
		w.t.Errorf("the log does not say %q:\n%s", text, strings.Join(w.log.lines(), "\n"))
	}
}
