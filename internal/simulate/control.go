package simulate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const controlPrefix = "/_simulate/"

// control returns the handler of a request about the simulation itself, nil for a request that
// Atlassian would answer.
//
//	GET  /_simulate/records   NDJSON of Records, oldest first
//	POST /_simulate/records   inserts one record, answers {"serial"}; takes
//	                          {"serial","time","visible","copies","record"}, all optional
//	POST /_simulate/faults    replaces the faults by the array of Fault in the body
//	GET  /_simulate/requests  array of Request
//	GET  /_simulate/summary   counts
//
// The product may stand in the path, as in /_simulate/jira/records: a Site asks for it.
func (s *Simulator) control(r *http.Request) http.HandlerFunc {
	path, about := strings.CutPrefix(r.URL.Path, controlPrefix)
	if !about {
		return nil
	}
	switch r.Method + " " + strings.TrimPrefix(path, s.options.Product+"/") {
	case "GET records":
		return s.writeRecords
	case "POST records":
		return s.insertRecord
	case "POST faults":
		return s.replaceFaults
	case "GET requests":
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Requests()) }
	case "GET summary":
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Summary()) }
	}
	return nil
}

// controlRecord is a Record over HTTP; times in epoch ms.
type controlRecord struct {
	Serial  string          `json:"serial"`
	Time    int64           `json:"time"`
	Visible int64           `json:"visible"`
	Copies  int             `json:"copies"`
	Record  json.RawMessage `json:"record"`
}

func (s *Simulator) writeRecords(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	b := bufio.NewWriterSize(w, 1<<16)
	defer b.Flush()
	for r := range s.Records() {
		record := r.JSON
		if !strings.HasPrefix(r.Serial, "SIM-") {
			record = oneLine(record)
		}
		if _, err := fmt.Fprintf(b, `{"serial":%s,"time":%d,"visible":%d,"copies":%d,"record":%s}`+"\n",
			quote(r.Serial), r.Time.UnixMilli(), r.Visible.UnixMilli(), r.Copies, record); err != nil {
			return
		}
	}
}

// oneLine returns an inserted record as one line of JSON. What is not JSON becomes a string.
func oneLine(record []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, record) != nil {
		return quote(string(record))
	}
	return b.Bytes()
}

func (s *Simulator) insertRecord(w http.ResponseWriter, r *http.Request) {
	var c controlRecord
	if !readControl(w, r, &c) {
		return
	}
	record := Record{Serial: c.Serial, Copies: c.Copies, JSON: c.Record}
	if c.Time != 0 {
		record.Time = time.UnixMilli(c.Time)
	}
	if c.Visible != 0 {
		record.Visible = time.UnixMilli(c.Visible)
	}
	writeJSON(w, map[string]string{"serial": s.Add(record)})
}

func (s *Simulator) replaceFaults(w http.ResponseWriter, r *http.Request) {
	var faults []Fault
	if !readControl(w, r, &faults) {
		return
	}
	if err := s.SetFaults(faults...); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Summary counts the records and the requests.
type Summary struct {
	Product    string    `json:"product"`
	Deployment string    `json:"deployment"`
	Now        time.Time `json:"now"`     // the server's clock
	Records    int       `json:"records"` // copies that exist, waiting ones included
	Waiting    int       `json:"waiting"` // not shown yet
	// Inserted counts records of Add, POST, faults and Data Center's own searches.
	Inserted int `json:"inserted"`
	Requests int `json:"requests"`
}

// Summary returns the present counts.
func (s *Simulator) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return Summary{
		Product: s.options.Product, Deployment: s.options.Deployment, Now: s.now(), Records: len(s.ledger.shown) + len(s.ledger.waiting), Waiting: len(s.ledger.waiting),
		Inserted: len(s.inserted), Requests: s.asked,
	}
}

func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		http.Error(w, "read control request: "+err.Error(), http.StatusBadRequest)
	}
	return err == nil
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(mustJSON(value))
}
