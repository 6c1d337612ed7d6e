package simulate_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

func TestControlListsRecords(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 50, Twins: 0.5})
	inserted := s.do(t, http.MethodPost, "/_simulate/records", `{"time":1700000000000,"visible":1800000000000,"copies":3,"record":{"summary":"mine"}}`, nobody)
	if inserted.body != `{"serial":"ADD-000001"}` {
		t.Fatalf("insert answers %s", inserted.body)
	}
	s.Add(simulate.Record{JSON: []byte("not json")})
	s.Add(simulate.Record{JSON: []byte("{\n}")})
	type line struct {
		Serial        string
		Time, Visible int64
		Copies        int
		Record        json.RawMessage
	}
	copies := 0
	records := bufio.NewScanner(strings.NewReader(s.do(t, http.MethodGet, "/_simulate/records", "", nobody).body))
	for n := 0; records.Scan(); n++ {
		var l line
		if err := json.Unmarshal(records.Bytes(), &l); err != nil {
			t.Fatalf("%v in %s", err, records.Text())
		}
		if n == 0 && (l.Serial != "ADD-000001" || l.Time != 1700000000000 || l.Visible != 1800000000000 || l.Copies != 3 || string(l.Record) != `{"summary":"mine"}`) {
			t.Errorf("inserted record is listed as %+v", l)
		}
		if strings.HasPrefix(l.Serial, "SIM-") && !strings.Contains(string(l.Record), l.Serial) {
			t.Errorf("%s does not carry its serial: %s", l.Serial, l.Record)
		}
		copies += l.Copies
	}
	if copies != 55 {
		t.Errorf("%d copies listed, want 55", copies)
	}
	summary := decode[simulate.Summary](t, s.do(t, http.MethodGet, "/_simulate/summary", "", nobody))
	if summary.Records != 55 || summary.Inserted != 3 || summary.Deployment != "cloud" {
		t.Errorf("summary %+v", summary)
	}
}

func TestControlSetsFaults(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{})
	if g := s.do(t, http.MethodPost, "/_simulate/faults", `[{"kind":"bad-gateway","count":1}]`, nobody); g.status != http.StatusNoContent {
		t.Fatalf("%d %s", g.status, g.body)
	}
	if a, b := s.get(t, sitePath).status, s.get(t, sitePath).status; a != 502 || b != 200 {
		t.Errorf("statuses %d, %d", a, b)
	}
	for _, body := range []string{`[{"kind":"unheard-of"}]`, `{`} {
		if g := s.do(t, http.MethodPost, "/_simulate/faults", body, nobody); g.status != http.StatusBadRequest {
			t.Errorf("%s: %d", body, g.status)
		}
	}
}

func TestControlListsRequestsWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultNearLimit}}})
	s.get(t, sitePath+"?limit=5")
	s.do(t, http.MethodGet, gatewayPath, "", bearer("unknown-token"))
	list := s.do(t, http.MethodGet, "/_simulate/requests", "", nobody)
	requests := decode[[]simulate.Request](t, list)
	if len(requests) != 2 {
		t.Fatalf("%d requests", len(requests))
	}
	first := requests[0]
	if first.Path != sitePath || first.Query != "limit=5" || first.Credential != "unscoped-token" || first.Status != 200 ||
		first.Header.Get("Authorization") != "***" || fmt.Sprint(first.Faults) != "[near-limit]" {
		t.Errorf("first request %+v", first)
	}
	if second := requests[1]; second.Credential != "wrong" || second.Status != 401 {
		t.Errorf("second request %+v", second)
	}
	if strings.Contains(list.body, "unknown-token") {
		t.Error("a secret is listed")
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 100, Rate: 50, Late: 0.3, LateBy: time.Second, Faults: []simulate.Fault{{Kind: simulate.FaultInsert, Share: 0.5}}})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				s.get(t, sitePath+"?limit=20")
				s.SetCredentials(simulate.Credentials{})
			}
			s.do(t, http.MethodGet, "/_simulate/records", "", nobody)
		})
	}
	all.Wait()
	if n := s.Summary().Requests; n != 40 {
		t.Errorf("%d requests counted", n)
	}
}
