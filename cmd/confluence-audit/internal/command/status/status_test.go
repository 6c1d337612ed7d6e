package status

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/terminal"
)

// Requests go to the address in the configuration, or to loopback if that means all addresses of
// the machine.
func TestStatusAddress(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"": "127.0.0.1:2021", "0.0.0.0": "127.0.0.1:2021", "::": "[::1]:2021", "10.0.0.5": "10.0.0.5:2021", "fluent-bit.example.com": "fluent-bit.example.com:2021",
	} {
		all := overview{configuration: fluentbit.Configuration{Service: fluentbit.Service{
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
	now := time.Now()
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
			"up": fmt.Sprint(up), "last_poll_timestamp_seconds": fmt.Sprint(now.Add(-5 * time.Minute).Unix()), "newest_record_timestamp_seconds": fmt.Sprint(now.Add(-2 * time.Hour).Unix()), "records_total": "200", "late_records_total": "0",
			"queued_bytes": "0", "catch_up_estimate_seconds": "0", "catch_up_seconds": "0",
		} {
			fmt.Fprintf(&metrics, "fluentbit_confluence_%s{name=%q} %s\n", name, alias, value)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v2/metrics/prometheus" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, metrics.String())
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	path := filepath.Join(t.TempDir(), "fluent-bit.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(conf.String(), "PORT", port, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if err := clitest.Run(t.Context(), Command(), &out, &errs, "--config", path); !errors.Is(err, cli.ErrFailed) || errs.Len() > 0 {
		t.Fatalf("%v, %s", err, &errs)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if lines[0] != "✗ 4 of 100 inputs need attention" || len(lines) > 130 {
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
		ended := make(chan error)
		go func() {
			ended <- clitest.Run(ctx, Command(), &out, &errs, "--config", path, "--watch", "--json")
		}()
		time.Sleep(2*watchEvery + watchEvery/2)
		ctrlC()
		if err := <-ended; err != nil || errs.Len() > 0 {
			t.Errorf("%v, %s", err, &errs)
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
		flag string
		want error
	}{{"--json", cli.Stopped("stopped")}, {"--watch", nil}} {
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
		if err := clitest.Run(ctx, Command(), &out, &errs, "--config", path, test.flag); !errors.Is(err, test.want) || errs.Len() > 0 {
			t.Errorf("%s: %v, %s, want %v", test.flag, err, &errs, test.want)
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
