package simulate

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Record is an audit record on the server. Twins are one Record with Copies > 1, unless they have
// ids that differ.
type Record struct {
	// Serial is not the one in the JSON: "SIM-1" when generated, "ADD-1" when inserted, "SEARCH-1"
	// when written by Data Center about a search, with six digits.
	Serial  string
	Time    time.Time // the time by which the server sorts and filters it, UTC, whole ms
	Visible time.Time // from when on the server shows it
	Copies  int
	JSON    []byte // as served; read only
}

// inserted is a record that was not generated from the seed.
type inserted struct {
	serial string
	json   []byte
}

// Add inserts a record and returns its serial. Zero fields take defaults: the next ADD serial; the
// time in JSON, else now; visible at once; one copy; a record of the catalogue. JSON need not be a
// record or an object: it is served as it is.
func (s *Simulator) Add(r Record) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return s.add(r)
}

func (s *Simulator) add(r Record) string {
	now := s.now()
	if r.Serial == "" {
		s.added++
		r.Serial = fmt.Sprintf("ADD-%06d", s.added)
	}
	if r.Time.IsZero() {
		r.Time = timeIn(r.JSON, now)
	}
	if r.Visible.IsZero() {
		r.Visible = now
	}
	for n := max(r.Copies, 1); n > 0; {
		one, copies := r.JSON, n
		if one == nil {
			one = s.exampleRecord(r.Serial, r.Time.UnixMilli())
			if s.dialect.numbered {
				copies = 1 // each has an id of its own
			}
		}
		s.inserted = append(s.inserted, inserted{serial: r.Serial, json: one})
		e := entry{time: r.Time.UnixMilli(), visible: r.Visible.UnixMilli(), ref: int32(-len(s.inserted))}
		for range copies {
			s.ledger.create([]entry{e}, now.UnixMilli())
		}
		n -= copies
	}
	return r.Serial
}

// exampleRecord returns a catalogue record with the given serial.
func (s *Simulator) exampleRecord(serial string, ms int64) []byte {
	if s.isOrganization() {
		return s.fill(nil, organizationCatalogue[0], serial, s.eventID(s.ledger.lastID+1), ms, max(ms, s.now().UnixMilli()))
	}
	return s.withID(renderOne(s.dialect.people[1], s.dialect.time, serial, ms), 0, s.ledger.lastID+1)
}

// timeIn returns the time of a record of any API, otherwise if it has none.
func timeIn(record []byte, otherwise time.Time) time.Time {
	var times struct {
		CreationDate int64     `json:"creationDate"`
		Timestamp    time.Time `json:"timestamp"`
		Created      string    `json:"created"`
		Attributes   struct {
			Time time.Time `json:"time"`
		} `json:"attributes"`
	}
	switch err := json.Unmarshal(record, &times); {
	case err != nil:
		return otherwise
	case times.CreationDate != 0:
		return time.UnixMilli(times.CreationDate).UTC()
	case !times.Timestamp.IsZero():
		return times.Timestamp.UTC()
	case !times.Attributes.Time.IsZero():
		return times.Attributes.Time.UTC()
	case times.Created != "":
		if at, _, err := readJiraTime(times.Created); err == nil {
			return at.UTC()
		}
	}
	return otherwise
}

// Records returns all records, oldest first: those that are shown, those not shown yet, and those
// that retention hides.
func (s *Simulator) Records() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		s.mu.Lock()
		s.advance()
		all := s.ledger.all()
		s.mu.Unlock()
		for len(all) > 0 {
			first, n := all[0], 1
			serial := s.serial(first)
			for n < len(all) && all[n].time == first.time && all[n].visible == first.visible && s.serial(all[n]) == serial && (all[n].ref == first.ref || !s.dialect.numbered) {
				n++
			}
			if !yield(Record{
				Serial:  serial,
				Time:    time.UnixMilli(first.time).UTC(),
				Visible: time.UnixMilli(first.visible).UTC(),
				Copies:  n,
				JSON:    s.render(nil, s.dialect, first),
			}) {
				return
			}
			all = all[n:]
		}
	}
}

func (s *Simulator) serial(e entry) string {
	if e.ref < 0 {
		return s.insertedAt(e).serial
	}
	return string(appendSerial(nil, s.traffic.origin(int(e.ref))))
}

func (s *Simulator) insertedAt(e entry) inserted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inserted[-e.ref-1]
}

// render appends the JSON of one record. The caller must not hold the lock: render takes it for
// inserted records.
func (s *Simulator) render(dst []byte, d *dialect, e entry) []byte {
	if e.ref < 0 {
		return append(dst, s.insertedAt(e).json...)
	}
	if s.isOrganization() {
		return s.renderEvent(dst, e)
	}
	begin := len(dst)
	return s.withID(d.render(dst, s.traffic.seed, s.traffic.origin(int(e.ref)), e.time), begin, e.id)
}

// withID puts an id before the other members of the record that begins there, if records have one.
func (s *Simulator) withID(dst []byte, begin int, id uint32) []byte {
	if !s.dialect.numbered {
		return dst
	}
	var member [32]byte
	return slices.Insert(dst, begin+1, fmt.Appendf(member[:0], `"id":%d,`, s.jiraID(id))...)
}
