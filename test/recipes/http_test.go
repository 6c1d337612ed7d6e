package recipes

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/test/rig/rigtest"
)

var raw = schema.Format{Schema: "raw"}

// jsonLines receives one event a line; id is the path of its id.
func (a *arrivals) jsonLines(authorization, uri string, id ...string) http.HandlerFunc {
	return func(_ http.ResponseWriter, req *http.Request) {
		a.require("method and address", req.Method+" "+req.URL.RequestURI(), "POST "+uri)
		a.require("authorization", req.Header.Get("Authorization"), authorization)
		a.lines(a.body(req), id...)
	}
}

func (a *arrivals) lines(text []byte, id ...string) {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			event := a.object(line)
			a.take(at(event, id...), withoutReadTime(event))
		}
	}
}

func TestHTTP(t *testing.T) {
	eachForm(t, "http", func(r *recipe) {
		var got arrivals
		env := own(r.T, "HTTP", got.jsonLines("Bearer secret", "/audit/atlassian", "atlassian", "event_id"))
		env["HTTP_PATH"], env["HTTP_TOKEN"] = "/audit/atlassian", "secret"
		r.start(env)
		got.wantAll(r.T, r.expected(raw))
	})
}

// This output does not try again when the receiver refuses for good, as after a token has expired.
// The refused events are kept.
func TestRefusedIsKept(t *testing.T) {
	eachForm(t, "http", func(r *recipe) {
		r.start(own(r.T, "HTTP", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
		rejected := filepath.Join(r.dir, "data", "buffer", "rejected")
		want := r.expected(raw)
		rigtest.Await(r.T, "the refused records", func() bool { return containsAll(rejected, want) })
	})
}

// containsAll returns whether the files of a folder contain every event id.
func containsAll(dir string, events map[string]any) bool {
	var kept []byte
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		kept = append(kept, text...)
	}
	for id := range events {
		if !bytes.Contains(kept, []byte(id)) {
			return false
		}
	}
	return true
}

func TestVictoriaLogsRequest(t *testing.T) {
	eachForm(t, "victorialogs", func(r *recipe) {
		var got arrivals
		env := own(r.T, "VICTORIALOGS", got.jsonLines("Basic YXVkaXQ6c2VjcmV0",
			"/insert/jsonline?_time_field=@timestamp&_msg_field=event.action&_stream_fields=event.dataset,service.address", "event", "id"))
		env["VICTORIALOGS_USER"], env["VICTORIALOGS_PASSWORD"] = "audit", "secret"
		r.start(env)
		got.wantAll(r.T, r.expected(ecs))
	})
}
