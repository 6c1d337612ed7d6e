package simulate_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

func TestSkewMovesTheWholeServerAndLatencyDelaysIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := simulate.New(simulate.Options{Skew: time.Hour, Latency: time.Second})
		begin := time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_edge/tenant_info", nil))
		if passed := time.Since(begin); passed != time.Second {
			t.Errorf("answered after %v", passed)
		}
		if want := begin.Add(time.Hour + time.Second).UTC().Format(http.TimeFormat); w.Header().Get("Date") != want {
			t.Errorf("Date %q, want %q", w.Header().Get("Date"), want)
		}
		s.Add(simulate.Record{})
		for r := range s.Records() {
			if !r.Time.Equal(time.Now().Add(time.Hour)) {
				t.Errorf("record at %v", r.Time)
			}
		}
	})
}

func TestLateRecordIsShownWhenItsTimeComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate.New(simulate.Options{})
		list := func() string {
			r := httptest.NewRequest(http.MethodGet, "/wiki/rest/api/audit", nil)
			r.SetBasicAuth("admin@example.com", "unscoped-token")
			w := httptest.NewRecorder()
			sim.ServeHTTP(w, r)
			if want := time.Now().UTC().Format(http.TimeFormat); w.Header().Get("Date") != want {
				t.Errorf("Date %q, want %q", w.Header().Get("Date"), want)
			}
			return w.Body.String()
		}
		serial := sim.Add(simulate.Record{Visible: time.Now().Add(time.Minute)})
		time.Sleep(time.Minute - time.Millisecond)
		if strings.Contains(list(), serial) {
			t.Error("shown too early")
		}
		time.Sleep(time.Millisecond)
		if !strings.Contains(list(), serial) {
			t.Error("not shown when due")
		}
	})
}
