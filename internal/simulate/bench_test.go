package simulate

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// BenchmarkPage answers a page of 1000 deep inside 2,000,000 records.
func BenchmarkPage(b *testing.B) {
	s := New(Options{Records: 2_000_000, History: 365 * 24 * time.Hour})
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/wiki/rest/api/audit?startDate=0&endDate=%d&start=1000000&limit=1000", time.Now().UnixMilli()), nil)
	r.SetBasicAuth("admin@example.com", "unscoped-token")
	b.ReportAllocs()
	for b.Loop() {
		w := discard{http.Header{}}
		s.ServeHTTP(w, r)
	}
}

// BenchmarkNew makes 2,000,000 records.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New(Options{Records: 2_000_000, Twins: 0.01})
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
