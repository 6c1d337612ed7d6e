package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
	"fluent-bit-confluence/internal/simulate"
)

// Ctrl-C ends an export at once, also while it waits for an answer. One line tells what is written
// and where to go on.
func TestExportStops(t *testing.T) {
	t.Parallel()
	from := time.Now().Add(-48 * time.Hour).UTC().Truncate(time.Second)
	// The first window is an hour, up to just before a whole second. A second more is asked for.
	second := from.Add(time.Hour - time.Second)
	for name, tt := range map[string]struct {
		stopAt time.Time
		want   string
		files  int
	}{
		"at once":              {from, "no record is written; go on with --from " + from.Format(time.RFC3339), 0},
		"in the second window": {second.Add(2 * time.Second), "1 records are in FILE, all before " + second.Format(time.RFC3339) + "; go on with --resume", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, ctrlC := context.WithCancel(t.Context())
			defer ctrlC()
			site := simulate.New(simulate.Options{})
			site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":"x"}`, from.Add(time.Minute).UnixMilli())})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if end, err := strconv.ParseInt(r.URL.Query().Get("endDate"), 10, 64); err == nil && end >= tt.stopAt.UnixMilli() {
					ctrlC()
					<-r.Context().Done()
					return
				}
				site.ServeHTTP(w, r)
			}))
			defer server.Close()
			file := filepath.Join(t.TempDir(), "file.ndjson")
			var out, messages bytes.Buffer
			err := clitest.Run(ctx, Command(), &out, &messages, "--api-url", server.URL, "--output", file,
				"--user-identifier", "admin@example.com", "--api-token", "unscoped-token", "--from", from.Format(time.RFC3339))
			want := cli.Stopped("stopped: " + strings.ReplaceAll(tt.want, "FILE", file))
			if !errors.Is(err, want) || messages.Len() > 0 {
				t.Errorf("%v, %q, want %q", err, &messages, want)
			}
			if found, _ := filepath.Glob(file + "*"); len(found) != tt.files {
				t.Errorf("%d files, want %d", len(found), tt.files)
			}
		})
	}
}

// Records of one millisecond are exported in the order in which they were written, though the site
// lists the newest first.
func TestExportKeepsOrderWithinMillisecond(t *testing.T) {
	t.Parallel()
	site := simulate.New(simulate.Options{})
	at := time.Now().Add(-time.Hour).UnixMilli()
	for _, name := range []string{"first", "second", "third"} {
		site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":%q}`, at, name)})
	}
	server := httptest.NewServer(site)
	defer server.Close()
	var out, messages bytes.Buffer
	err := clitest.Run(t.Context(), Command(), &out, &messages, "--api-url", server.URL,
		"--user-identifier", "admin@example.com", "--api-token", "unscoped-token")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		_, after, _ := strings.Cut(line, `"summary":"`)
		name, _, _ := strings.Cut(after, `"`)
		got = append(got, name)
	}
	if diff := cmp.Diff([]string{"first", "second", "third"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s%s", diff, &messages)
	}
}

// No millisecond is missing between two windows, however small they get.
func TestExportLeavesNoGap(t *testing.T) {
	t.Parallel()
	const n = 12_000
	site := simulate.New(simulate.Options{})
	from := time.Now().Add(-time.Hour).Truncate(time.Second)
	for i := range n {
		site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":"%d"}`, from.UnixMilli()+int64(i/4), i)})
	}
	server := httptest.NewServer(site)
	defer server.Close()
	var out, messages bytes.Buffer
	err := clitest.Run(t.Context(), Command(), &out, &messages, "--api-url", server.URL, "--page-size", "10000",
		"--user-identifier", "admin@example.com", "--api-token", "unscoped-token", "--from", from.Format(time.RFC3339))
	if got := strings.Count(out.String(), "\n"); got != n || err != nil {
		t.Errorf("%d records, want %d\n%v, %s", got, n, err, &messages)
	}
}

// A millisecond with endless records ends the export before the memory is used up.
func TestExportOfAnEndlessMillisecond(t *testing.T) {
	t.Parallel()
	site := simulate.New(simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultEndlessUntimed}}})
	server := httptest.NewServer(site)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var messages bytes.Buffer
	err := clitest.Run(ctx, Command(), io.Discard, &messages, "--api-url", server.URL, "--user-identifier", "admin@example.com", "--api-token", "unscoped-token", "--from", "1h")
	if err == nil || !strings.Contains(err.Error(), "than can be kept: report this") {
		t.Errorf("%v, %s", err, &messages)
	}
}

// An export that sends several requests at a time writes the same as one that sends one. The pages
// are so small that an export waits for the site, on any machine.
func TestExportWithSeveralRequests(t *testing.T) {
	t.Parallel()
	site := simulate.New(simulate.Options{Records: 6_000, History: 48 * time.Hour, Twins: 0.1, Latency: 50 * time.Millisecond})
	var together, most atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer together.Add(-1)
		n := together.Add(1)
		for before := most.Load(); n > before && !most.CompareAndSwap(before, n); before = most.Load() {
		}
		site.ServeHTTP(w, r)
	}))
	defer server.Close()
	var written []string
	for _, requests := range []string{"1", "4"} {
		file := filepath.Join(t.TempDir(), "file.ndjson")
		var out, messages bytes.Buffer
		err := clitest.Run(t.Context(), Command(), &out, &messages, "--api-url", server.URL, "--output", file, "--user-identifier", "admin@example.com",
			"--api-token", "unscoped-token", "--from", "47h", "--to", "1h", "--page-size", "50", "--backfill-requests", requests)
		if err != nil {
			t.Fatalf("%v, %s", err, &messages)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		written = append(written, string(text))
		if n := most.Load(); (n > 1) != (requests != "1") {
			t.Errorf("%d requests at a time with --backfill-requests %s", n, requests)
		}
	}
	// Each export begins a moment later than the one before.
	if one, four := strings.Count(written[0], "\n"), strings.Count(written[1], "\n"); one < 5_000 || one-four > 100 || four-one > 100 {
		t.Errorf("%d and %d records", one, four)
	}
	first, _, _ := strings.Cut(written[1], "\n")
	last := written[0][strings.LastIndex(strings.TrimSuffix(written[0], "\n"), "\n")+1:]
	from, to := strings.Index(written[0], first), strings.Index(written[1], last)
	if from < 0 || to < 0 || written[0][from:] != written[1][:to+len(last)] {
		t.Error("the records or their order differ")
	}
}
