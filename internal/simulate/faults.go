package simulate

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is one kind of fault and its conditions. Zero conditions mean: at every request for audit
// records.
type Fault struct {
	Kind  FaultKind `json:"kind"`
	Value string    `json:"value,omitempty"` // its meaning depends on the kind
	// Path: only requests whose path contains this, e.g. "/oauth/token", "/ex/", "/"; "" = requests
	// for audit records.
	Path  string `json:"path,omitempty"`
	After int    `json:"after,omitempty"` // spare that many such requests first
	Count int    `json:"count,omitempty"` // strike that many times; 0 = without end
	// Share is the probability 0..1 to strike, decided by the seed; 0 = always.
	Share float64 `json:"share,omitempty"`
}

// activeFault is a fault that is set, with its counts so far.
type activeFault struct {
	Fault
	passed, struck int
}

// drawn are the faults that strike one request, in the order in which they were set.
type drawn []Fault

// SetFaults replaces all faults. It refuses unknown kinds and values that the kind cannot take, and
// then changes nothing.
func (s *Simulator) SetFaults(faults ...Fault) error {
	var active []activeFault
	for _, f := range faults {
		kind, known := faultKinds[f.Kind]
		if !known {
			return fmt.Errorf("set faults: unknown kind %q; known are %v", f.Kind, FaultKinds())
		}
		if f.Value == "" {
			f.Value = defaultValue[f.Kind]
		}
		if err := checkValue(kind, f.Value); err != nil {
			return fmt.Errorf("set faults: %s: %w", f.Kind, err)
		}
		active = append(active, activeFault{Fault: f})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = active
	return nil
}

func checkValue(kind valueType, value string) (err error) {
	switch kind {
	case noValue:
		if value != "" {
			err = fmt.Errorf("takes no value, got %q", value)
		}
	case numberValue:
		var n int
		if n, err = strconv.Atoi(value); err == nil && n < 0 {
			err = fmt.Errorf("must not be negative: %d", n)
		}
	case durationValue:
		_, err = time.ParseDuration(value)
	case urlValue:
		var u *url.URL
		if u, err = url.Parse(value); err == nil && u.Host == "" {
			err = fmt.Errorf("must be an absolute URL: %q", value)
		}
	case malformedValue:
		if value != "" && !slices.Contains(malformedKinds, value) {
			err = fmt.Errorf("must be one of %v, got %q", malformedKinds, value)
		}
	}
	return err
}

// drawFaults decides which faults strike this request.
func (s *Simulator) drawFaults(r *http.Request) drawn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var d drawn
	for i := range s.faults {
		if f := &s.faults[i]; f.concerns(r) && f.strikes(s.chance.Float64) {
			d = append(d, f.Fault)
		}
	}
	return d
}

func (f *activeFault) concerns(r *http.Request) bool {
	if f.Path != "" {
		return strings.Contains(r.URL.Path, f.Path)
	}
	for _, end := range []string{"/rest/api/audit", "/rest/api/audit/since", "/auditing/record", "/rest/auditing/1.0/events", "/events-stream"} {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, end) {
			return true
		}
	}
	return false
}

func (f *activeFault) strikes(chance func() float64) bool {
	if f.passed < f.After {
		f.passed++
		return false
	}
	if f.Count > 0 && f.struck >= f.Count || f.Share > 0 && chance() >= f.Share {
		return false
	}
	f.struck++
	return true
}

func (d drawn) has(kind FaultKind) bool {
	_, has := d.value(kind)
	return has
}

func (d drawn) value(kind FaultKind) (string, bool) {
	for _, f := range d {
		if f.Kind == kind {
			return f.Value, true
		}
	}
	return "", false
}

// number returns the value of a kind that takes a number; SetFaults has checked it.
func (d drawn) number(kind FaultKind) (int, bool) {
	value, has := d.value(kind)
	n, _ := strconv.Atoi(value)
	return n, has
}

func (d drawn) duration(kind FaultKind) (time.Duration, bool) {
	value, has := d.value(kind)
	t, _ := time.ParseDuration(value)
	return t, has
}
