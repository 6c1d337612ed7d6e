package rig

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	records := slices.Values([]simulate.Record{
		{Serial: "SIM-1", Visible: noon, Copies: 1},
		{Serial: "SIM-2", Visible: noon, Copies: 2},
		{Serial: "SIM-3", Visible: noon.Add(time.Second), Copies: 1},
	})
	event := func(serial, id string) Event { return Event{Serial: serial, ID: id} }
	one, twin, otherTwin, late := event("SIM-1", "a"), event("SIM-2", "b"), event("SIM-2", "c"), event("SIM-3", "d")
	for _, test := range []struct {
		name   string
		events []Event
		until  time.Time
		want   Comparison
	}{
		{"each once", []Event{one, twin, otherTwin, late}, time.Time{}, Comparison{}},
		{"a repeat", []Event{one, twin, otherTwin, late, one}, time.Time{}, Comparison{Repeated: []Event{one}}},
		{"nothing", nil, time.Time{}, Comparison{Lost: []string{"SIM-1", "SIM-2", "SIM-2", "SIM-3"}}},
		{"one twin twice", []Event{one, twin, twin, late}, time.Time{}, Comparison{Lost: []string{"SIM-2"}, Repeated: []Event{twin}}},
		{"another id for the same", []Event{one, twin, otherTwin, late, event("SIM-1", "e")}, time.Time{}, Comparison{Surplus: []string{"SIM-1"}}},
		{"unheard of", []Event{one, twin, otherTwin, late, event("SIM-4", "e")}, time.Time{}, Comparison{Surplus: []string{"SIM-4"}}},
		{"not due yet", []Event{one, twin, otherTwin}, noon, Comparison{}},
		{"early", []Event{one, twin, otherTwin, late}, noon, Comparison{}},
	} {
		test.want.Records, test.want.Events = 4, len(test.events)
		if !test.until.IsZero() {
			test.want.Records = 3
		}
		if diff := cmp.Diff(test.want, Compare(records, test.events, test.until)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	event := func(second, request int) Event { return Event{Time: time.Unix(int64(second), 0), Request: request} }
	for _, test := range []struct {
		name   string
		events []Event
		right  bool
	}{
		{"in order", []Event{event(1, 0), event(1, 0), event(2, 0), event(2, 1), event(3, 1)}, true},
		{"requests that overtook each other", []Event{event(3, 0), event(4, 0), event(1, 1), event(2, 1)}, true},
		{"newest first", []Event{event(2, 0), event(1, 0)}, false},
		{"requests that overlap", []Event{event(1, 0), event(3, 0), event(2, 1), event(4, 1)}, false},
	} {
		if err := Order(test.events); (err == nil) != test.right {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	const record = `{"a":12345678901234567890,"b":2.50,"c":[null]}`
	for _, test := range []struct {
		event string
		same  bool
	}{
		{`{"a":12345678901234567890,"b":2.5,"c":[null],"atlassian":{},"fluent_bit_time":"x"}`, true},
		{`{"a":12345678901234567000,"b":2.5,"c":[null]}`, false},
		{`{"a":12345678901234567890,"b":2.5,"c":[]}`, false},
		{`{"a":12345678901234567890,"b":2.5}`, false},
		{`{"a":12345678901234567890,"b":2.5,"c":[null],"d":1}`, false},
	} {
		diff, err := Content([]byte(record), Event{JSON: []byte(test.event)})
		if err != nil || (diff == "") != test.same {
			t.Errorf("%s: %v %s", test.event, err, diff)
		}
	}
}
