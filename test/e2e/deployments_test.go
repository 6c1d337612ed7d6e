package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// Each credential works with nothing but the address of the site: deployment, route and cloud id
// are found.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		deployment string
		keys       rig.Keys // AT is replaced by the address of the simulator
		used       string   // the kind of credential that the simulator saw
	}{
		{"API token", simulate.Cloud, rig.Keys{"user_identifier": "admin@example.com", "api_token": "unscoped-token"}, "unscoped-token"},
		{"API token with scopes", simulate.Cloud, rig.Keys{"user_identifier": "admin@example.com", "api_token": "scoped-token", "gateway_url": "AT"}, "scoped-token"},
		{"service account", simulate.Cloud, rig.Keys{"client_id": "client-id", "client_secret": "client-secret", "gateway_url": "AT", "token_url": "AT/oauth/token"}, "oauth-access-token"},
		{"personal access token", simulate.DataCenter, rig.Keys{"personal_access_token": "personal-access-token"}, "personal-access-token"},
		{"password", simulate.DataCenter, rig.Keys{"user_identifier": "admin", "api_token": "password"}, "password"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, simulate.Options{Deployment: test.deployment, Seed: 40, Records: 30, Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}}})
			receiver := newReceiver(t)
			input := rig.Keys{"name": "confluence", "api_url": s.URL, "start_from": "48h"}.With(test.keys)
			for key, value := range input {
				input[key] = strings.Replace(value, "AT", s.URL, 1)
			}
			f := newInstance(t, rig.Config{Inputs: []rig.Keys{input}, Outputs: []rig.Keys{receiver.Output()}})
			f.start()
			wantOnce(t, awaitAll(t, receiver, s))
			f.stop()
			requests := s.Requests()
			if last := requests[len(requests)-1]; last.Credential != test.used {
				t.Errorf("the last request came with %s, want %s", last.Credential, test.used)
			}
		})
	}
}

// Data Center writes a record about each search of its audit log. Those about our reads are left
// out, those about others are delivered. Its links lead to another host, which is not used.
func TestDataCenter(t *testing.T) {
	t.Parallel()
	s := newSite(t, simulate.Options{Deployment: simulate.DataCenter, Seed: 41, Records: 10_000, Faults: []simulate.Fault{{Kind: simulate.FaultNextOtherHost}}})
	receiver := newReceiver(t)
	receiver.Keep = true
	f := newInstance(t, rig.Config{
		Inputs: []rig.Keys{{
			"name": "confluence", "api_url": s.URL, "personal_access_token": "personal-access-token", "page_size": "500", "poll_interval": "1s",
			"start_from": "48h", "db": filepath.Join(t.TempDir(), "state.db"),
		}},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	compare := func() rig.Comparison {
		return rig.Compare(func(yield func(simulate.Record) bool) {
			for r := range s.Records() {
				if !strings.HasPrefix(r.Serial, "SEARCH-") && !yield(r) {
					return
				}
			}
		}, receiver.Events(), time.Time{})
	}
	rigtest.Await(t, "10,000 records", func() bool { return receiver.Count() >= 10_000 })
	asked := len(s.Requests())
	rigtest.Await(t, "two more polls", func() bool { return len(s.Requests()) >= asked+2 })
	// when this one has arrived, all records of the earlier polls have arrived
	s.Add(simulate.Record{})
	rigtest.Await(t, "one more record", func() bool { return receiver.Count() > 10_000 && compare().Complete() })
	f.stop()
	wantOnce(t, compare())
	for _, e := range receiver.Events() {
		if strings.Contains(string(e.JSON), "audit.search") {
			t.Fatalf("one of our own searches was delivered: %s", e.JSON)
		}
	}
	if n := receiver.Count(); n != 10_001 {
		t.Errorf("%d events arrived, want 10,001", n)
	}
}

// Malformed records are delivered, and marked with what is wrong.
func TestMalformedRecords(t *testing.T) {
	t.Parallel()
	kinds := []string{"no-date", "null-date", "string-date", "seconds-date", "iso-date", "epoch-object", "not-object", "null", "huge-field", "deep"}
	s := newSite(t, simulate.Options{Seed: 42, Records: 20})
	for _, kind := range kinds {
		at := time.Now().Add(-time.Hour)
		s.Add(simulate.Record{Time: at, JSON: simulate.Malformed(simulate.Cloud, kind, at)})
	}
	receiver := newReceiver(t)
	receiver.Keep = true
	f := newInstance(t, rig.Config{
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"start_from": "48h", "db": filepath.Join(t.TempDir(), "state.db")})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	rigtest.Await(t, "all records", func() bool { return receiver.Count() >= 20+len(kinds) })
	f.stop()
	if n := receiver.Count(); n != 20+len(kinds) {
		t.Errorf("%d events, want %d", n, 20+len(kinds))
	}
	for _, test := range []struct {
		text  string // by which the event is known
		error string // the error in the event; empty: nothing is wrong
	}{
		{"malformed: no-date", "no time that can be read"},
		{"malformed: null-date", "no time that can be read"},
		{"malformed: string-date", ""},
		{"malformed: seconds-date", ""},
		{"malformed: iso-date", ""},
		{"malformed: epoch-object", ""},
		{`"malformed: not an object"`, "not an object"},
		{`"record":null`, "not an object"},
		{"malformed: huge-field", ""},
		{"malformed: deep", ""},
	} {
		found := false
		for _, e := range receiver.Events() {
			if text := string(e.JSON); strings.Contains(text, test.text) {
				found = true
				if !strings.Contains(text, test.error) || (test.error == "") == strings.Contains(text, `"error":"`) {
					t.Errorf("%s: want the error %q: %.300s … %s", test.text, test.error, text, text[max(0, len(text)-300):])
				}
			}
		}
		if !found {
			t.Errorf("no event holds %s", test.text)
		}
	}
}
