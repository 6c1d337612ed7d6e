package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// An Event is one delivery of a record.
type Event struct {
	ID      string // atlassian.event_id
	Product string // atlassian.product
	Site    string // atlassian.site
	// Serial is the simulator's serial, from the text of the record; empty when there is none.
	Serial  string
	Time    time.Time // the timestamp that Fluent Bit has for it
	Arrived time.Time
	Request int    // the number of the request, from 0
	Run     int    // see Stamp
	UUID    string // see Stamp
	JSON    []byte // the whole event; nil unless Receiver.Keep is set
}

// Mood is how a receiver answers.
type Mood int

// The moods of a receiver. Only with Takes it keeps the events.
const (
	Takes   Mood = iota
	Refuses      // 503
	Forbids      // 403, as for a wrong token: Fluent Bit's output does not try again
	Hangs        // no answer, until the mood changes or the client gives up
	Away         // the connection is closed
)

// A Receiver plays a SIEM for Fluent Bit's http output.
type Receiver struct {
	Keep bool // set it before the first request

	server *httptest.Server

	mu       sync.Mutex
	mood     Mood
	changed  chan struct{} // closed when the mood changes
	events   []Event
	requests int
	refused  int
	mistakes []string
}

// NewReceiver starts a receiver on loopback.
func NewReceiver() *Receiver {
	r := &Receiver{changed: make(chan struct{})}
	r.server = httptest.NewServer(r)
	return r
}

// Close ends the receiver.
func (r *Receiver) Close() {
	r.Be(Takes) // ends requests that hang
	r.server.Close()
}

// Output returns the output section that delivers to the receiver.
func (r *Receiver) Output() Keys {
	host, port, _ := net.SplitHostPort(r.server.Listener.Addr().String())
	return Keys{
		"name": "http", "match": "*", "host": host, "port": port, "uri": "/", "format": "json_lines", "json_date_key": "fluent_bit_time",
		"json_date_format": "iso8601", "workers": "1", "retry_limit": "no_limits", "http.response_timeout": "10s",
	}
}

// Be changes the mood.
func (r *Receiver) Be(m Mood) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = m
	close(r.changed)
	r.changed = make(chan struct{})
}

// Events returns the events that have arrived, in the order of arrival.
func (r *Receiver) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// From returns the events of one site.
func (r *Receiver) From(site string) []Event {
	return slices.DeleteFunc(r.Events(), func(e Event) bool { return e.Site != site })
}

// Of returns the events of one product.
func (r *Receiver) Of(product string) []Event {
	return slices.DeleteFunc(r.Events(), func(e Event) bool { return e.Product != product })
}

// Count returns how many events have arrived.
func (r *Receiver) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// Refused returns how many requests were not taken.
func (r *Receiver) Refused() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused
}

// Mistakes returns what was wrong with requests that should have contained events.
func (r *Receiver) Mistakes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.mistakes)
}

// ServeHTTP receives the requests of Fluent Bit's http output.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // Fluent Bit went away in the middle of it
	}
	events, mistakes := r.read(body)

	r.mu.Lock()
	mood, changed := r.mood, r.changed
	if mood != Takes {
		r.refused++
	} else {
		now := time.Now()
		for i := range events {
			events[i].Arrived, events[i].Request = now, r.requests
		}
		r.requests++
		r.events = append(r.events, events...)
		r.mistakes = append(r.mistakes, mistakes...)
	}
	r.mu.Unlock()

	switch mood {
	case Refuses:
		w.WriteHeader(http.StatusServiceUnavailable)
	case Forbids:
		w.WriteHeader(http.StatusForbidden)
	case Hangs:
		select {
		case <-changed:
		case <-req.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case Away:
		panic(http.ErrAbortHandler)
	}
}

func (r *Receiver) read(body []byte) (events []Event, mistakes []string) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var fields struct {
			Time      time.Time `json:"fluent_bit_time"`
			Run       int       `json:"rig_run,string"`
			UUID      string    `json:"rig_uuid"`
			Atlassian struct {
				ID      string `json:"event_id"`
				Product string `json:"product"`
				Site    string `json:"site"`
			} `json:"atlassian"`
		}
		if err := json.Unmarshal(line, &fields); err != nil || fields.Atlassian.ID == "" {
			mistakes = append(mistakes, fmt.Sprintf("no event (%v): %.200s", err, line))
			continue
		}
		e := Event{ID: fields.Atlassian.ID, Product: fields.Atlassian.Product, Site: fields.Atlassian.Site, Serial: serialIn(line), Time: fields.Time, Run: fields.Run, UUID: fields.UUID}
		if r.Keep {
			e.JSON = bytes.Clone(line)
		}
		events = append(events, e)
	}
	return events, mistakes
}

// serialIn finds the serial in the text of an event.
func serialIn(line []byte) string {
	for _, kind := range []string{"SIM-", "ADD-"} {
		if at := bytes.Index(line, []byte(kind)); at >= 0 {
			end := at + len(kind)
			for end < len(line) && '0' <= line[end] && line[end] <= '9' {
				end++
			}
			return strings.Clone(string(line[at:end]))
		}
	}
	return ""
}
