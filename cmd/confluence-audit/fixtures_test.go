package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/timerange"
)

// delivered writes the state file of a site whose collector has delivered one record a minute from
// 2026-11-01 on, and was stopped during a backfill (pending) or after it: delivered FILE SITE N
// [pending | CLOUD-ID].
func delivered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: delivered FILE SITE N [pending | CLOUD-ID]")
	}
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	file, err := state.Open(ts.MkAbs(args[0]), args[1])
	ts.Check(err)
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	head := start.Add(time.Duration(n-1) * time.Minute)
	c := outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: start, Head: head, Polled: head}, Horizon: start, Now: head}
	for i := range n {
		key := outbox.Key{Time: start.Add(time.Duration(i) * time.Minute).UnixMilli(), Fingerprint: document.Fingerprint{byte(i), 1}}
		c.Seen = append(c.Seen, outbox.Seen{Key: key, Count: 1})
	}
	switch {
	case len(args) == 3:
	case args[3] != "pending":
		c.Checkpoint.CloudID = args[3]
	default:
		c.Checkpoint.Pending = []timerange.Range{{From: start, To: start.Add(6 * time.Hour)}}
	}
	_, version, err := file.Load(context.Background())
	ts.Check(err)
	_, err = file.Replace(context.Background(), version, c)
	ts.Check(err)
	ts.Check(file.Close())
}

// fluentBitMetrics plays the HTTP server of a Fluent Bit that serves the content of a file, and
// sets PORT. {-40s} in the file is the Unix time of 40 seconds ago. With PROCESS, a file with the
// id of a process, that process gets SIGINT at the second request: metrics FILE [PROCESS].
func fluentBitMetrics(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: metrics FILE [PROCESS]")
	}
	handler := metricsOf(ts.ReadFile(args[0]))
	if len(args) == 2 {
		var asked atomic.Int32
		shown, path := handler, ts.MkAbs(args[1])
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 2 {
				text, _ := os.ReadFile(path)
				pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
				if process, err := os.FindProcess(pid); err == nil && pid > 0 {
					_ = process.Signal(os.Interrupt)
				}
			}
			shown.ServeHTTP(w, r)
		})
	}
	server := httptest.NewServer(handler)
	ts.Defer(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	ts.Check(err)
	ts.Setenv("PORT", port)
}

// inDays sets DAY to the date N days from now: in-days N.
func inDays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: in-days N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Setenv("DAY", time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly))
}

// timeless replaces the times and addresses in a file, which differ in each run, by words: timeless
// FILE.
func timeless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: timeless FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(withoutTimes(ts.ReadFile(args[0]))), 0o600))
}

func withoutTimes(text string) string {
	text = regexp.MustCompile(`20\d\d-\d\d-\d\dT[0-9:]+Z`).ReplaceAllString(text, "TIME")
	text = regexp.MustCompile(`\d+ days`).ReplaceAllString(text, "N days")
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "127.0.0.1:PORT")
}

var timeOfMetric = regexp.MustCompile(`\{-[0-9]+[smhd]\}`)

func metricsOf(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v2/metrics/prometheus" {
			http.NotFound(w, r)
			return
		}
		now := time.Now()
		fmt.Fprint(w, timeOfMetric.ReplaceAllStringFunc(text, func(m string) string {
			d, _ := config.ParseDuration(strings.Trim(m, "{-}"))
			return fmt.Sprintf("%.3f", float64(now.Add(-d).UnixMilli())/1000)
		}))
	})
}
