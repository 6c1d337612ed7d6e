package schema

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/simulate"
)

// TestLanguage: after a change of language, the records of a Data Center have the same
// fingerprints, actions and severities.
func TestLanguage(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Deployment: simulate.DataCenter, Seed: 7, Records: 600, SiteURL: dataCenterSite.URL, Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}}})
	read := func() (events []object, fingerprints []document.Fingerprint, unknown int) {
		e := encoderOf(t, "ecs", false, dataCenterSite)
		for _, raw := range entities(t, sim) {
			raw := []byte(raw)
			fp := new(document.Hasher).Fingerprint(parsed(raw))
			v, err := decodeJSON(e.AppendJSON(nil, own, parsed(raw), event.Meta{Fingerprint: fp, Read: own}))
			if err != nil {
				t.Fatal(err)
			}
			events, fingerprints = append(events, v.(object)), append(fingerprints, fp)
		}
		return events, fingerprints, e.Unknown()
	}
	english, before, unknown := read()
	if unknown > 0 || len(english) != 600 {
		t.Fatalf("%d of %d records are unknown in English", unknown, len(english))
	}
	if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultNoSearchEvents}, simulate.Fault{Kind: simulate.FaultLanguage}); err != nil {
		t.Fatal(err)
	}
	foreign, after, unknown := read()
	if unknown > 0 {
		t.Errorf("%d records are unknown in another language", unknown)
	}
	for i := range foreign {
		if before[i] != after[i] {
			t.Errorf("record %d has another fingerprint in another language", i)
		}
		for _, path := range [][]string{{"event", "code"}, {"event", "severity"}, {"event", "outcome"}, {"user", "name"}} {
			if e, f := lookup(english[i], path...), lookup(foreign[i], path...); e != f {
				t.Errorf("record %d: %v is %v, in another language %v", i, path, e, f)
			}
		}
		if lookup(foreign[i], "confluence", "audit", "type", "category") != "管理" {
			t.Fatalf("record %d is not in another language", i)
		}
	}
}

// entities reads all records of a simulated Data Center.
func entities(t *testing.T, sim *simulate.Simulator) []json.RawMessage {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/rest/auditing/1.0/events?limit=10000", nil)
	r.SetBasicAuth("admin", "password")
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	var page struct{ Entities []json.RawMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %.200s", w.Code, err, w.Body)
	}
	return page.Entities
}
