package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

// A Comparison is the difference between the records that exist and the events that arrived.
type Comparison struct {
	Records  int      // copies that should have arrived
	Events   int      // deliveries
	Lost     []string // serials, once for each copy that did not arrive
	Repeated []Event  // deliveries of an event that had arrived before
	// Surplus are serials that arrived with more ids than there are copies, or that do not exist.
	Surplus []string
}

// Compare counts a record by its serial, and its copies by their event ids: each copy must have one
// of its own. Events without a serial, such as those of malformed records, count as deliveries
// only. Records that the site shows only after until need not have arrived; with a zero until all
// must. All events must be of the same site and product.
func Compare(records iter.Seq[simulate.Record], events []Event, until time.Time) Comparison {
	c := Comparison{Events: len(events)}
	ids := make(map[string]int) // serial -> distinct event ids
	seen := make(map[string]bool, len(events))
	for _, e := range events {
		if seen[e.ID] {
			c.Repeated = append(c.Repeated, e)
			continue
		}
		seen[e.ID] = true
		if e.Serial != "" {
			ids[e.Serial]++
		}
	}
	copies := make(map[string]int)
	due := make(map[string]int)
	for r := range records {
		copies[r.Serial] += r.Copies
		if until.IsZero() || !r.Visible.After(until) {
			due[r.Serial] += r.Copies
			c.Records += r.Copies
		}
	}
	for serial, n := range due {
		for range n - ids[serial] {
			c.Lost = append(c.Lost, serial)
		}
	}
	for serial, n := range ids {
		for range n - copies[serial] {
			c.Surplus = append(c.Surplus, serial)
		}
	}
	slices.Sort(c.Lost)
	slices.Sort(c.Surplus)
	return c
}

// Add returns the sum of two comparisons, of different logs.
func (c Comparison) Add(other Comparison) Comparison {
	return Comparison{
		Records: c.Records + other.Records, Events: c.Events + other.Events,
		Lost: append(c.Lost, other.Lost...), Repeated: append(c.Repeated, other.Repeated...), Surplus: append(c.Surplus, other.Surplus...),
	}
}

// Complete returns whether every copy of every record arrived.
func (c Comparison) Complete() bool { return len(c.Lost) == 0 }

// String returns one line with a few examples.
func (c Comparison) String() string {
	repeated := make([]string, len(c.Repeated))
	for i, e := range c.Repeated {
		repeated[i] = e.Serial
	}
	return fmt.Sprintf("%d records, %d deliveries, %d lost %v, %d repeated %v, %d surplus %v", c.Records, c.Events,
		len(c.Lost), few(c.Lost), len(repeated), few(repeated), len(c.Surplus), few(c.Surplus))
}

func few(list []string) []string { return list[:min(len(list), 5)] }

// Order returns an error if the order of events is wrong: within a request the time must not fall,
// and the times of two requests, which Fluent Bit may send in parallel, must not overlap.
func Order(events []Event) error {
	type span struct{ first, last Event }
	var spans []span
	for _, e := range events {
		if n := len(spans); n == 0 || spans[n-1].last.Request != e.Request {
			spans = append(spans, span{e, e})
			continue
		}
		last := &spans[len(spans)-1].last
		if e.Time.Before(last.Time) {
			return fmt.Errorf("%s of %s comes after %s of %s", e.Serial, e.Time, last.Serial, last.Time)
		}
		*last = e
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.first.Time.Compare(b.first.Time) })
	for i := 1; i < len(spans); i++ {
		if before := spans[i-1].last; spans[i].first.Time.Before(before.Time) {
			return fmt.Errorf("%s of %s is in a later request than %s of %s", spans[i].first.Serial, spans[i].first.Time, before.Serial, before.Time)
		}
	}
	return nil
}

// Content returns the difference between an event and the record as the site served it, "" when
// there is none. Apart from what the plugin and Fluent Bit add, every member must be there and
// every number must be the same.
func Content(record []byte, event Event) (string, error) {
	want, err := decode(record)
	if err != nil {
		return "", err
	}
	got, err := decode(event.JSON)
	if err != nil {
		return "", err
	}
	if members, ok := got.(map[string]any); ok {
		delete(members, "atlassian")
		delete(members, "fluent_bit_time")
	}
	return cmp.Diff(want, got, cmp.Comparer(sameNumber)), nil
}

// sameNumber compares all digits, but not the spelling: 2.50 is 2.5.
func sameNumber(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

func decode(text []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("decode %.100s: %w", text, err)
	}
	return value, nil
}
