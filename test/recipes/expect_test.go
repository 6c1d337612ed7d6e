package recipes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// arrivals holds the events that arrived, by their ids, and the mistakes of requests.
type arrivals struct {
	products map[string]string // by event id, where what a receiver expects depends on it

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

// await waits for n events, or a mistake.
func (a *arrivals) await(t *testing.T, n int) {
	t.Helper()
	if err := rig.Await(rigtest.Patient(t), func() bool { return a.complete(n) }); err != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		t.Fatalf("%d of %d events came, %d deliveries: %v", len(a.events), n, a.total, err)
	}
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
	a.await(t, len(want))
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
	a.await(t, len(want))
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

// expected returns the event of each record of both products in a schema, by event id.
func (r *recipe) expected(format schema.Format) map[string]any {
	r.Helper()
	events := make(map[string]any)
	for id, e := range r.rendered(format) {
		events[id] = withoutReadTime(e)
	}
	return events
}

// rendered is expected with the time of reading.
func (r *recipe) rendered(format schema.Format) map[string]map[string]any {
	r.Helper()
	events := make(map[string]map[string]any)
	for _, s := range r.sites {
		maps.Copy(events, s.rendered(r.T, format))
	}
	return events
}

// originals returns each record as the site sends it, by event id.
func (r *recipe) originals() map[string]any {
	events := make(map[string]any)
	for _, s := range r.sites {
		for _, p := range s.parsed() {
			events[p.id] = string(p.JSON)
		}
	}
	return events
}

// products returns which product a record is of, by event id.
func (r *recipe) products() map[string]string {
	of := make(map[string]string)
	for _, s := range r.sites {
		for _, p := range s.parsed() {
			of[p.id] = s.product
		}
	}
	return of
}

// mustBeAsSent requires that an event in schema raw is the record: the expected values must not
// come from the encoder alone.
func mustBeAsSent(t *testing.T, record []byte, event map[string]any) {
	t.Helper()
	asSent := maps.Clone(event)
	delete(asSent, "atlassian")
	if diff := gocmp.Diff(decode(t, record), any(asSent)); diff != "" {
		t.Fatalf("raw is not the record as it was sent:\n%s", diff)
	}
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
