package rig

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReceiver(t *testing.T) {
	t.Parallel()
	r := NewReceiver()
	t.Cleanup(r.Close)
	post := func(body string) int {
		answer, err := http.Post(r.server.URL, "application/x-ndjson", strings.NewReader(body))
		if err != nil {
			return 0
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	const line = `{"fluent_bit_time":"2026-11-22T12:00:00.125000Z","rig_run":"3","rig_uuid":"u","summary":"Space SIM-000042","atlassian":{"event_id":"e","site":"http://s"}}` + "\n"
	for _, mood := range []Mood{Refuses, Forbids, Away} {
		r.Be(mood)
		if status := post(line); status != map[Mood]int{Refuses: 503, Forbids: 403, Away: 0}[mood] {
			t.Errorf("mood %d: status %d", mood, status)
		}
	}
	r.Be(Hangs)
	answered := make(chan int)
	go func() { answered <- post(line) }()
	if err := Await(t.Context(), func() bool { return r.Refused() == 4 }); err != nil {
		t.Fatal(err)
	}
	r.Be(Takes)
	if status := <-answered; status != 0 {
		t.Errorf("after it hung: status %d", status)
	}
	if n := r.Count(); n != 0 {
		t.Errorf("%d events taken before the mood was good", n)
	}
	if status := post(line + "{}\n"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	want := []Event{{ID: "e", Site: "http://s", Serial: "SIM-000042", Time: time.Date(2026, 11, 22, 12, 0, 0, 125e6, time.UTC), Run: 3, UUID: "u"}}
	if diff := cmp.Diff(want, r.From("http://s"), cmpopts.IgnoreFields(Event{}, "Arrived")); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if len(r.From("http://t")) != 0 || len(r.Mistakes()) != 1 {
		t.Errorf("events of another site %v, mistakes %v", r.From("http://t"), r.Mistakes())
	}
}
