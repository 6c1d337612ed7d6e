package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ask(t *testing.T, answer http.HandlerFunc) (Found, error) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return Ask(t.Context(), server.Listener.Addr().String())
}

// The metrics of Fluent Bit 5.1.1 are read, as far as they are used.
func TestAsk(t *testing.T) {
	t.Parallel()
	found, err := ask(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v2/metrics/prometheus" || r.Header.Get("Authorization") != "" {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		_, _ = io.WriteString(w, `# HELP fluentbit_uptime Number of seconds that Fluent Bit has been running.
# TYPE fluentbit_uptime counter
fluentbit_uptime{hostname="vm"} 7325
fluentbit_build_info{hostname="vm",version="5.1.1",os="linux"} 1795653835
fluentbit_confluence_up{name="wiki \"east\", {1}"} 0 1795653835000
fluentbit_confluence_records_total{name="confluence.1"} 1.5e+06
fluentbit_confluence_failing{name="wiki \"east\", {1}",cause="free-plan"} 1
fluentbit_confluence_failing{name="wiki \"east\", {1}",cause="dns"} 0
fluentbit_confluence_failures_total{name="wiki \"east\", {1}",cause="dns"} 7
fluentbit_confluence_catch_up_estimate_seconds{name="confluence.1"} 0
fluentbit_input_storage_chunks{name="confluence.1"} 3
fluentbit_input_storage_chunks{name="cpu.0"} 9
fluentbit_output_dropped_records_total{name="http.0"} 12
fluentbit_output_dropped_records_total{name="http.1"} 0
fluentbit_confluence_up{name="broken"} NaN
fluentbit_confluence_up{name="broken
fluentbit_confluence_up
something_else{name="wiki"} 1
`)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Found{Version: "5.1.1", Uptime: 7325 * time.Second, Dropped: map[string]float64{"http.0": 12}, Inputs: map[string]Input{
		`wiki "east", {1}`: {Values: map[string]float64{"up": 0}, Failing: []string{"free-plan"}},
		"confluence.1":     {Values: map[string]float64{"records_total": 1.5e6, "catch_up_estimate_seconds": 0}, Tells: true, Chunks: 3},
	}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}

// Another server in Fluent Bit's place gets an error that tells so, costs little memory, and cannot
// redirect the request.
func TestStrangers(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another address was asked") }))
	defer elsewhere.Close()
	line := "fluentbit_uptime{hostname=\"h\"} 1\n"
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }, "is no Fluent Bit (HTTP 302)"},
		"not found": {http.NotFound, "is no Fluent Bit (HTTP 404)"},
		"just begun": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", "Fluent Bit")
			w.WriteHeader(http.StatusNotFound)
		}, "has no metrics yet"},
		"a page":      {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>\nwelcome") }, "is no Fluent Bit (it shows no metric of Fluent Bit)"},
		"nothing":     {func(http.ResponseWriter, *http.Request) {}, "has no metrics yet"},
		"a long line": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, line, strings.Repeat("x", 2*maxLine)) }, "is no Fluent Bit (it sends too much)"},
		"without end": {endless(line), "is no Fluent Bit (it sends too much)"},
		"torn": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			fmt.Fprint(w, line)
		}, "cannot be asked (unexpected EOF)"},
		"other metrics": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "up 1\n") }, "it shows no metric of Fluent Bit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, test.answer)
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, test.want) || e.Remedy == "" {
				t.Errorf("got %+v, want %q", err, test.want)
			}
		})
	}
}

// endless sends a line again and again until the client has gone.
func endless(line string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat(line, 1000)); err != nil {
				return
			}
		}
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, err = Ask(t.Context(), address)
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Message, "nobody answers at "+address) {
		t.Errorf("got %+v", err)
	}
}

// A server that does not answer is not waited for.
func TestSilence(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	defer close(silent)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	defer server.CloseClientConnections()
	_, err := Ask(ctx, server.Listener.Addr().String())
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "did not answer within") {
		t.Errorf("got %+v", err)
	}
}

// FuzzRead looks for panics, and for values that are NaN or infinite.
func FuzzRead(f *testing.F) {
	f.Add("fluentbit_confluence_up{name=\"a\\\"b\",cause=\"c\"} 1 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		found, _, _ := read(strings.NewReader(text))
		for _, in := range found.Inputs {
			for name, v := range in.Values {
				if v != v {
					t.Errorf("%s is not a number", name)
				}
			}
		}
	})
}
