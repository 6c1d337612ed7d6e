package site_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/window"
)

// audits reports whether a request is for records.
func audits(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/rest/api/audit") || strings.HasSuffix(r.URL.Path, "/auditing/record") || strings.HasSuffix(r.URL.Path, "/events")
}

// rewritten serves the answers of a handler after change has changed them.
func rewritten(h http.Handler, change func(n int, r *http.Request, w *httptest.ResponseRecorder)) http.Handler {
	var mu sync.Mutex // a window is read ahead beside the polls
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		mu.Lock()
		if audits(r) {
			n++
		}
		change(n, r, rec)
		mu.Unlock()
		maps.Copy(w.Header(), rec.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

// answer replaces a whole answer.
func answer(w *httptest.ResponseRecorder, status int, body string, header ...string) {
	w.Code, w.Body = status, bytes.NewBufferString(body)
	w.Header().Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
}

// Each server behaves oddly in one way, for a time or always, while records are added. No record is
// lost or repeated, and at the end all are delivered.
func TestOddServers(t *testing.T) {
	t.Parallel()
	empty := func(k kind) string {
		switch {
		case k.Deployment == simulate.DataCenter:
			return `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`
		case k.Product == simulate.Jira:
			return `{"offset":0,"limit":1000,"total":500,"records":[]}`
		}
		return `{"results":[],"start":0,"limit":1000,"size":0}`
	}
	began := func() func() time.Duration {
		start := time.Now()
		return func() time.Duration { return time.Since(start) }
	}
	between := func(d, from, to time.Duration) bool { return d >= from && d < to }
	for _, tt := range []struct {
		name string
		odd  func(k kind, sim http.Handler) http.Handler
		says string // what a line of the log says
		span time.Duration
	}{
		{name: "429 with a date in 2099", says: "limits the rate", span: 90 * time.Minute, odd: func(_ kind, sim http.Handler) http.Handler {
			return rewritten(sim, func(n int, r *http.Request, w *httptest.ResponseRecorder) {
				if n == 20 && audits(r) {
					answer(w, 429, "", "Retry-After", "Thu, 01 Jan 2099 00:00:00 GMT")
				}
			})
		}},
		{name: "429 without a word about the time", says: "", odd: func(_ kind, sim http.Handler) http.Handler {
			return rewritten(sim, func(n int, r *http.Request, w *httptest.ResponseRecorder) {
				if n%2 == 0 && audits(r) {
					answer(w, 429, "", "Retry-After", "soon")
				}
			})
		}},
		{name: "429 on every second request", odd: func(_ kind, sim http.Handler) http.Handler {
			return rewritten(sim, func(n int, r *http.Request, w *httptest.ResponseRecorder) {
				if n%2 == 0 && audits(r) {
					answer(w, 429, "", "Retry-After", "1")
				}
			})
		}},
		{name: "pages that shrink", odd: func(_ kind, sim http.Handler) http.Handler {
			n := 0
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if query := r.URL.Query(); audits(r) && query.Get("limit") != "1" {
					n++
					query.Set("limit", fmt.Sprint(max(2, min(1000>>(n%12), 1000))))
					r.URL.RawQuery = query.Encode()
				}
				sim.ServeHTTP(w, r)
			})
		}},
		{name: "pages of one record", odd: func(k kind, sim http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				// On a Data Center each request adds a record.
				if query := r.URL.Query(); query.Has("limit") && k.Deployment == simulate.Cloud {
					query.Set("limit", "1")
					r.URL.RawQuery = query.Encode()
				}
				sim.ServeHTTP(w, r)
			})
		}},
		{name: "a clock that jumps a day ahead", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, _ *http.Request, w *httptest.ResponseRecorder) {
				if since() > 5*time.Minute {
					w.Header().Set("Date", time.Now().Add(24*time.Hour).UTC().Format(http.TimeFormat))
				}
			})
		}},
		{name: "a clock that jumps ten years ahead, and back", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, _ *http.Request, w *httptest.ResponseRecorder) {
				if between(since(), 5*time.Minute, 15*time.Minute) {
					w.Header().Set("Date", time.Now().AddDate(10, 0, 0).UTC().Format(http.TimeFormat))
				}
			})
		}},
		{name: "no clock", odd: func(_ kind, sim http.Handler) http.Handler {
			return rewritten(sim, func(_ int, _ *http.Request, w *httptest.ResponseRecorder) { w.Header().Del("Date") })
		}},
		{name: "[] for ten minutes", says: "lists no record at all", odd: func(k kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, r *http.Request, w *httptest.ResponseRecorder) {
				if audits(r) && between(since(), 5*time.Minute, 15*time.Minute) {
					answer(w, 200, empty(k))
				}
			})
		}},
		{name: "[] for the first ten minutes", odd: func(k kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, r *http.Request, w *httptest.ResponseRecorder) {
				if audits(r) && since() < 10*time.Minute {
					answer(w, 200, empty(k))
				}
			})
		}},
		{name: "404 for the first two minutes", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, _ *http.Request, w *httptest.ResponseRecorder) {
				if since() < 2*time.Minute {
					answer(w, 404, `{"message":"null for uri"}`)
				}
			})
		}},
		{name: "404 for a while", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, r *http.Request, w *httptest.ResponseRecorder) {
				if between(since(), 5*time.Minute, 8*time.Minute) {
					answer(w, 404, `{"message":"null for uri"}`)
				}
			})
		}},
		{name: "away for three minutes", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if between(since(), 5*time.Minute, 8*time.Minute) {
					panic(http.ErrAbortHandler)
				}
				sim.ServeHTTP(w, r)
			})
		}},
		{name: "almost a minute for each answer", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if between(since(), 5*time.Minute, 20*time.Minute) {
					time.Sleep(59 * time.Second)
				}
				sim.ServeHTTP(w, r)
			})
		}},
		{name: "429 that asks for nothing, for ten minutes", odd: func(_ kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(_ int, r *http.Request, w *httptest.ResponseRecorder) {
				if audits(r) && between(since(), 5*time.Minute, 15*time.Minute) {
					answer(w, 429, "", "Retry-After", "0")
				}
			})
		}},
		{name: "old pages from a cache for ten minutes", odd: func(_ kind, sim http.Handler) http.Handler {
			since, cached := began(), map[string]*httptest.ResponseRecorder{}
			return rewritten(sim, func(_ int, r *http.Request, w *httptest.ResponseRecorder) {
				key := r.URL.Path + r.URL.Query().Get("start") + r.URL.Query().Get("offset") + r.URL.Query().Get("pageCursor") + r.URL.Query().Get("limit")
				switch old := cached[key]; {
				case !audits(r):
				case old != nil && between(since(), 5*time.Minute, 15*time.Minute):
					w.Body = bytes.NewBuffer(old.Body.Bytes())
				default:
					kept := *w
					cached[key] = &kept
				}
			})
		}},
		{name: "an error within 200", odd: func(_ kind, sim http.Handler) http.Handler {
			return rewritten(sim, func(n int, r *http.Request, w *httptest.ResponseRecorder) {
				if n == 30 && audits(r) {
					answer(w, 200, `{"statusCode":500,"message":"Internal Server Error"}`)
				}
			})
		}},
		{name: "cursors that lead in a circle of three for a while", odd: func(k kind, sim http.Handler) http.Handler {
			since := began()
			return rewritten(sim, func(n int, r *http.Request, w *httptest.ResponseRecorder) {
				if audits(r) && k.Deployment == simulate.DataCenter && since() < 5*time.Minute {
					w.Body = bytes.NewBufferString(strings.Replace(w.Body.String(), `"pagingInfo":{"lastPage":true`,
						fmt.Sprintf(`"pagingInfo":{"nextPageCursor":"%d,%d","lastPage":false`, since().Milliseconds()*0+946684799000, n%3), 1))
				}
			})
		}},
	} {
		for _, k := range kinds {
			t.Run(tt.name+", "+k.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					sim := simulate.New(k.Of(simulate.Options{Records: 500, History: 3 * time.Hour, Rate: 0.2, Twins: 0.1, Seed: 5,
						Latency: 20 * time.Millisecond}))
					client := bubbledTo(t, k, tt.odd(k, sim), atlassian.Options{PageSize: 100})
					span := max(tt.span, 35*time.Minute)
					l := lead(t, client, state.NewMemory(), collect.Options{BackfillRequests: 4, Slowed: client.Slowed, PollInterval: 30 * time.Second, Overlap: 5 * time.Minute, Limits: collect.Limits{Window: window.Limits{Page: 100}}}, map[string]int{})
					l.pass(span)
					l.end()
					missing, again := l.compare(sim, time.Now().Add(-time.Minute))
					if missing > 0 || again > 0 || !strings.Contains(l.log.String(), tt.says) {
						t.Errorf("%d are missing, %d came again; failing: %v; the log:\n%.3000s", missing, again, l.Stats().Failing(), l.log.String())
					}
				})
			})
		}
	}
}
