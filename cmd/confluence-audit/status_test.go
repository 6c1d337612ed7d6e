package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/terminal"
)

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

// The manual shows the output of the script of status, and explains the messages of the code.
func TestStatusInTheManual(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/status.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## At the terminal")
	_, screen, _ := strings.Cut(section, "```output\n")
	screen, _, _ = strings.Cut(screen, "```")
	_, want, _ := strings.Cut(string(script), "-- want --\n")
	if diff := cmp.Diff(want, withoutTimes(screen)); diff != "" {
		t.Errorf("the manual shows another screen (-want +got):\n%s", diff)
	}
	var code strings.Builder
	scale, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shared, _ := strings.Cut(string(scale), "## Troubleshooting")
	section += shared
	files, _ := filepath.Glob("status*.go")
	for _, file := range append(files, "../../internal/scrape/scrape.go") {
		if text, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") {
			code.Write(text)
		}
	}
	said := regexp.MustCompile("(?m)^\\| `([^`]{3,})` \\|").FindAllStringSubmatch(section, -1)
	if len(said) < 8 {
		t.Errorf("found only %d lines in the manual", len(said))
	}
	for _, m := range said {
		if !strings.Contains(code.String(), m[1]) {
			t.Errorf("no code says %q", m[1])
		}
	}
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

// Requests go to the address in the configuration, or to loopback if that means all addresses of
// the machine.
func TestStatusAddress(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"": "127.0.0.1:2021", "0.0.0.0": "127.0.0.1:2021", "::": "[::1]:2021", "10.0.0.5": "10.0.0.5:2021", "fluent-bit.example.com": "fluent-bit.example.com:2021",
	} {
		all := overview{configure: fluentbit.Configuration{Service: fluentbit.Service{
			{Key: "http_server", Value: "on"}, {Key: "HTTP_Listen", Value: listen}, {Key: "http_port", Value: "2021"},
		}}}
		if got := all.address(); got != want || len(all.Findings) > 0 {
			t.Errorf("http_listen %q: %s, want %s; %v", listen, got, want, all.Findings)
		}
	}
}

// The status of a hundred inputs is readable: the first lines tell what to do, each input has a
// line, those in trouble come first, and no line is too long.
func TestStatusOfAHundredInputs(t *testing.T) {
	t.Parallel()
	var conf, metrics strings.Builder
	conf.WriteString("service:\n  http_server: on\n  http_port: PORT\npipeline:\n  inputs:\n")
	metrics.WriteString("fluentbit_uptime{hostname=\"h\"} 7200\n")
	for i := range 100 {
		alias := fmt.Sprintf("site-%02d", i)
		fmt.Fprintf(&conf, "    - {name: confluence, alias: %s, api_url: 'https://%s.atlassian.net', user_identifier: a@example.com, api_token: s3cret-t0ken, db: /var/lib/%s.db}\n", alias, alias, alias)
		up := 1
		if i%25 == 7 { // four
			up = 0
			fmt.Fprintf(&metrics, "fluentbit_confluence_failing{name=%q,cause=\"expired\"} 1\n", alias)
		}
		for name, value := range map[string]string{
			"up": fmt.Sprint(up), "last_poll_timestamp_seconds": "{-5m}", "newest_record_timestamp_seconds": "{-2h}", "records_total": "200", "late_records_total": "0",
			"queued_bytes": "0", "catch_up_estimate_seconds": "0", "catch_up_seconds": "0",
		} {
			fmt.Fprintf(&metrics, "fluentbit_confluence_%s{name=%q} %s\n", name, alias, value)
		}
	}
	server := httptest.NewServer(metricsOf(metrics.String()))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	path := filepath.Join(t.TempDir(), "fluent-bit.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(conf.String(), "PORT", port, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"status", "--config", path}, &out, &errs); code != exitFailed || errs.Len() > 0 {
		t.Fatalf("exit code %d, %s", code, &errs)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if lines[0] != "✗ 4 of 100 inputs need a person" || len(lines) > 130 {
		t.Errorf("%d lines, the first is %q", len(lines), lines[0])
	}
	row := regexp.MustCompile(`^  (site-\d\d) .* 5 min +2 h +100 +0 +0 B +-$`)
	var names []string
	for _, line := range lines {
		if n := terminal.Columns(line); n > terminal.DefaultWidth && !strings.Contains(line, "→") {
			t.Errorf("%d columns: %s", n, line)
		}
		if m := row.FindStringSubmatch(line); m != nil {
			names = append(names, m[1])
		}
	}
	if len(names) != 100 || strings.Join(names[:5], " ") != "site-07 site-32 site-57 site-82 site-00" {
		t.Errorf("%d inputs in the order %v\n%s", len(names), names, &out)
	}
	if strings.Contains(out.String(), "s3cret") {
		t.Error("the secret is shown")
	}
}

// With --watch the status is shown again every few seconds, and Ctrl-C is the usual end.
func TestWatch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fluent-bit.conf")
	if err := os.WriteFile(path, []byte("[INPUT]\n    name confluence\n    api_url https://acme.atlassian.net\n    user_identifier a@example.com\n    api_token t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, ctrlC := context.WithCancel(t.Context())
		var out, errs bytes.Buffer
		ended := make(chan int)
		go func() { ended <- run(ctx, []string{"status", "--config", path, "--watch", "--json"}, &out, &errs) }()
		time.Sleep(2*watchEvery + watchEvery/2)
		ctrlC()
		if code := <-ended; code != exitOK || errs.Len() > 0 {
			t.Errorf("exit code %d, %s", code, &errs)
		}
		seen := 0
		for line := range strings.Lines(out.String()) {
			seen++
			if !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %s", line)
			}
		}
		if seen != 3 {
			t.Errorf("shown %d times", seen)
		}
	})
}

// Ctrl-C ends a status that waits for an answer. With --watch that is the usual end.
func TestStatusStopped(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		flag, said string
		code       int
	}{{"--json", "confluence-audit status: stopped\n", exitStopped}, {"--watch", "", exitOK}} {
		asked := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
		}))
		defer server.Close()
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		path := filepath.Join(t.TempDir(), "fluent-bit.conf")
		if err := os.WriteFile(path, []byte("[SERVICE]\n    http_server on\n    http_port "+port+"\n[INPUT]\n    name confluence\n    api_url https://acme.atlassian.net\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, ctrlC := context.WithCancel(t.Context())
		go func() { <-asked; ctrlC() }()
		var out, errs bytes.Buffer
		if code := run(ctx, []string{"status", "--config", path, test.flag}, &out, &errs); code != test.code || errs.String() != test.said {
			t.Errorf("%s: exit code %d, %s", test.flag, code, &errs)
		}
		if out.Len() > 0 {
			t.Errorf("%s: shown: %s", test.flag, &out)
		}
	}
}

// The records an hour are the mean since the start, until --watch has run for long enough. A
// restart resets them.
func TestHourlyRate(t *testing.T) {
	t.Parallel()
	var w watched
	begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		after, uptime time.Duration
		records       float64
		hourly        float64
		over          time.Duration
	}{
		{0, 30 * time.Second, 5, 0, 0},
		{time.Minute, 90 * time.Second, 15, 600, time.Minute},
		{2 * time.Minute, 150 * time.Second, 15, 300, 2 * time.Minute},
		{3 * time.Minute, 2 * time.Second, 1, 0, 0}, // started anew
		{4 * time.Minute, 62 * time.Second, 3, 120, time.Minute},
		// A second restart, which only the time shows.
		{time.Hour, 30 * time.Minute, 50, 100, 30 * time.Minute},
	} {
		hourly, over := w.rate("wiki", test.records, test.uptime, begin.Add(test.after))
		if hourly != test.hourly || over != test.over {
			t.Errorf("after %s: %v an hour over %s; want %v over %s", test.after, hourly, over, test.hourly, test.over)
		}
	}
}
