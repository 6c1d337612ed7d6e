package detections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestVictoriaLogs: the alerts for VictoriaLogs find in the real one what the rules find, and each
// panel of its dashboard shows records.
func TestVictoriaLogs(t *testing.T) {
	t.Parallel()
	store := startVictoriaLogs(t)
	all := questions(t)
	for i, p := range ecs() {
		if p.attack == "silent" { // its last event only tells the time
			p.events = p.events[:len(p.events)-1]
		}
		now := p.events[len(p.events)-1].at.Add(time.Second) // a time span ends before it
		if p.attack == "silent" {
			now = now.Add(time.Hour)
		}
		tenant := fmt.Sprint(i)
		var lines bytes.Buffer
		for _, event := range p.events {
			lines.Write(append(event.json, '\n'))
		}
		store.post(t, tenant, "/insert/jsonline?_time_field=@timestamp&_msg_field=event.action&_stream_fields=event.dataset,service.address", &lines)
		store.post(t, tenant, "/internal/force_flush", nil)
		var got []string
		for _, q := range all {
			if store.fires(t, tenant, q.logsQL(), now) {
				got = append(got, q.Title)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(ecsAlerts(t)[i], got); diff != "" {
			t.Errorf("%s of %s, %s (-rules +alerts):\n%s", p.attack, p.product, p.deployment, diff)
		}
	}
	for _, p := range panels {
		query, _ := p.logsQL()
		query = url.QueryEscape(strings.ReplaceAll(query, "$product", "confluence|jira|organization"))
		rows := 0
		for i := range ecs() {
			rows += len(store.post(t, fmt.Sprint(i), "/select/logsql/query?query="+query, nil))
		}
		if rows == 0 {
			t.Errorf("%s: shows nothing", p.title)
		}
	}
}

// victoriaLogs is the address of a server that the test has started.
type victoriaLogs string

func startVictoriaLogs(t *testing.T) victoriaLogs {
	t.Helper()
	const built = "../test/recipes/tools/bin/victoria-logs"
	program, err := exec.LookPath("victoria-logs")
	if absolute, _ := filepath.Abs(built); err != nil {
		if program, err = exec.LookPath(absolute); err != nil {
			t.Skip("SKIPPED: victoria-logs is neither on the PATH nor in test/recipes/tools/bin; build it with: make recipe-tools")
		}
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	cmd := exec.CommandContext(t.Context(), program, "-httpListenAddr="+address, "-storageDataPath="+t.TempDir(), "-memory.allowedBytes=64MiB", "-retentionPeriod=100y")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the context has ended it
	dialer := net.Dialer{Timeout: time.Second}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := dialer.DialContext(t.Context(), "tcp", address); err == nil {
			conn.Close()
			return victoriaLogs("http://" + address)
		} else if time.Now().After(deadline) {
			t.Fatalf("VictoriaLogs does not listen: %v\n%s", err, &log)
		}
	}
}

// post sends a request about a tenant and returns the answer.
func (v victoriaLogs) post(t *testing.T, tenant, path string, body io.Reader) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, string(v)+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("AccountID", tenant)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		t.Fatalf("%s: %s %v: %s", path, answer.Status, err, text)
	}
	return text
}

// fires returns whether an alert has a result at a time, as vmalert asks for it.
func (v victoriaLogs) fires(t *testing.T, tenant, query string, at time.Time) bool {
	t.Helper()
	text := v.post(t, tenant, "/select/logsql/stats_query?time="+url.QueryEscape(at.Format(time.RFC3339))+"&query="+url.QueryEscape(query), nil)
	var answer struct {
		Data struct{ Result []json.RawMessage }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return len(answer.Data.Result) > 0
}
