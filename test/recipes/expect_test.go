package recipes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/simulate"
)

// arrivals holds the events that arrived, by their ids, and the mistakes of requests.
type arrivals struct {
	mu     sync.Mutex
	events map[string]any
	total  int
	wrong  []string
}

// take keeps an event. It returns whether there was none with that id before.
func (a *arrivals) take(id string, event any) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.events == nil {
		a.events = make(map[string]any)
	}
	a.total++
	if _, known := a.events[id]; known {
		return false
	}
	a.events[id] = event
	return true
}

// mistake notes what is wrong with a request.
func (a *arrivals) mistake(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}

// require notes a mistake unless got is want.
func (a *arrivals) require(what, got, want string) {
	if got != want {
		a.mistake("%s is %q, not %q", what, got, want)
	}
}

// complete returns whether there are n events, or a mistake.
func (a *arrivals) complete(n int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events) >= n || len(a.wrong) > 0
}

// repeated returns how many events came more than once.
func (a *arrivals) repeated() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total - len(a.events)
}

// rewrite replaces each event by the result of f.
func (a *arrivals) rewrite(f func(any) any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, event := range a.events {
		a.events[id] = f(event)
	}
}

// wantAll waits for all events and compares them.
func (a *arrivals) wantAll(t *testing.T, want map[string]any) {
	t.Helper()
	await(t, fmt.Sprintf("%d events", len(want)), func() bool { return a.complete(len(want)) })
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, wrong := range a.wrong[:min(5, len(a.wrong))] {
		t.Errorf("the receiver says: %s", wrong)
	}
	compare(t, want, a.events)
}

// wantIDs waits for all events, and compares only their ids.
func (a *arrivals) wantIDs(t *testing.T, want map[string]any) {
	t.Helper()
	ids := make(map[string]any, len(want))
	for id := range want {
		ids[id] = nil
	}
	await(t, fmt.Sprintf("%d events", len(want)), func() bool { return a.complete(len(want)) })
	a.rewrite(func(any) any { return nil })
	a.wantAll(t, ids)
}

// compare compares event by event.
func compare(t *testing.T, want, got map[string]any) {
	t.Helper()
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Fatalf("event ids that should have come (-), came (+):\n%s", diff)
	}
	different := 0
	for id := range want {
		if diff := gocmp.Diff(want[id], got[id], gocmp.Comparer(sameNumber)); diff != "" {
			if different++; different <= 3 {
				t.Errorf("event %s should be (-), is (+):\n%s", id, diff)
			}
		}
	}
	if different > 3 {
		t.Errorf("%d of %d events differ", different, len(want))
	}
}

// sameNumber compares all digits, but not the spelling: 2.50 is 2.5.
func sameNumber(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

// expected returns the event of each record of the site in a schema, by event id.
func (s site) expected(t *testing.T, format schema.Format) map[string]any {
	t.Helper()
	events := make(map[string]any)
	for id, e := range s.rendered(t, format) {
		events[id] = withoutReadTime(e)
	}
	return events
}

func (s site) rendered(t *testing.T, format schema.Format) map[string]map[string]any {
	t.Helper()
	from := event.Site{URL: s.url, Deployment: s.deployment}
	if s.deployment == simulate.Cloud {
		from.CloudID = "11111111-2222-4333-8444-555555555555"
	}
	encoder, err := schema.Encoder(format, from)
	if err != nil {
		t.Fatal(err)
	}
	var hasher document.Hasher
	var doc document.Document
	events := make(map[string]map[string]any)
	for _, r := range s.all() {
		doc.Parse(r.JSON)
		fp := hasher.Fingerprint(&doc)
		rendered := decode(t, encoder.AppendJSON(nil, r.Time, &doc, event.Meta{Fingerprint: fp, Read: time.Now()})).(map[string]any)
		if format.Schema == "raw" {
			// The expected values must not come from the encoder alone.
			asSent := maps.Clone(rendered)
			delete(asSent, "atlassian")
			if diff := gocmp.Diff(decode(t, r.JSON), any(asSent)); diff != "" {
				t.Fatalf("raw is not the record as it was sent:\n%s", diff)
			}
		}
		events[string(event.AppendEventID(nil, &event.Site{URL: s.url}, fp, 0))] = rendered
	}
	return events
}

// originals returns each record as the site sends it, by event id.
func (s site) originals() map[string]any {
	var hasher document.Hasher
	var doc document.Document
	events := make(map[string]any)
	for _, r := range s.all() {
		doc.Parse(r.JSON)
		events[string(event.AppendEventID(nil, &event.Site{URL: s.url}, hasher.Fingerprint(&doc), 0))] = string(r.JSON)
	}
	return events
}

// all returns the records that the plugin delivers. Those that Data Center writes about the
// plugin's searches are not among them.
func (s site) all() []simulate.Record {
	return slices.DeleteFunc(slices.Collect(s.Records()), func(r simulate.Record) bool { return strings.HasPrefix(r.Serial, "SEARCH-") })
}

// withoutReadTime removes the two fields that tell when the record was read.
func withoutReadTime(event map[string]any) map[string]any {
	if fields, ok := event["event"].(map[string]any); ok {
		delete(fields, "created")
	}
	if fields, ok := event["metadata"].(map[string]any); ok {
		delete(fields, "logged_time")
	}
	return event
}

// at returns the text at the end of a path, "" when there is none.
func at(event any, path ...string) string {
	for _, key := range path {
		members, _ := event.(map[string]any)
		event = members[key]
	}
	text, _ := event.(string)
	return text
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	value, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// parse reads JSON and keeps every digit of its numbers.
func parse(text []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("parse %.100q: %w", text, err)
	}
	return value, nil
}

// object reads a JSON object. Anything else is a mistake, for which it returns an empty object.
func (a *arrivals) object(text []byte) map[string]any {
	value, err := parse(text)
	members, ok := value.(map[string]any)
	if !ok {
		a.mistake("no object: %v: %.100q", err, text)
		return map[string]any{}
	}
	return members
}
