package recipes

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// VictoriaLogs accepts what the outputs for Elasticsearch, Loki and OpenTelemetry send. It stores a
// record as a flat list of fields, so these are compared.
func TestVictoriaLogs(t *testing.T) {
	program := tool(t, "victoria-logs")
	for _, c := range []struct {
		recipe  string
		path    string // the path of VictoriaLogs, if it differs from that of the recipe
		query   string // how VictoriaLogs is to read the fields
		format  schema.Format
		id      string            // the field
		env     map[string]string // other variables than the address
		prefix  string            // of the variables with the address
		message bool              // the whole record is in the field _msg
	}{
		{recipe: "victorialogs", format: ecs, id: "event.id", prefix: "VICTORIALOGS"},
		{recipe: "elasticsearch", path: "/insert/elasticsearch/_bulk", query: "_time_field=@timestamp&_stream_fields=event.dataset&_msg_field=event.action",
			format: ecs, id: "event.id", prefix: "ELASTICSEARCH", env: elasticsearch},
		{recipe: "loki", path: "/insert/loki/api/v1/push", format: raw, id: "atlassian.event_id", prefix: "LOKI"},
		{recipe: "opentelemetry", path: "/insert/opentelemetry/v1/logs", format: ecs, id: "event.id", prefix: "OTLP", message: true,
			env: map[string]string{"OTLP_TOKEN": "secret"}},
	} {
		t.Run(c.recipe, func(t *testing.T) {
			eachForm(t, c.recipe, func(r *recipe) {
				store := newVictoriaLogs(r.T, program)
				env := own(r.T, c.prefix, store.at(c.path, c.query))
				maps.Copy(env, c.env)
				r.start(env)

				want := make(map[string]any)
				for id, event := range r.expected(c.format) {
					want[id] = fields(event)
				}
				var rows []map[string]any
				err := rig.Await(rigtest.Patient(r.T), func() bool {
					rows = store.all(r.T)
					return len(rows) >= len(want)
				})
				if err != nil {
					r.Errorf("%d of %d records: %v", len(rows), len(want), err)
				}
				got := make(map[string]any)
				for _, row := range rows {
					row = asSent(row)
					if c.message {
						row = fields(decode(r.T, []byte(row["event.action"].(string))))
					}
					delete(row, "event.created")
					if c.format == raw { // which has neither of the two
						delete(row, "@timestamp")
						delete(row, "event.action")
					}
					id, _ := row[c.id].(string)
					got[id] = row
				}
				compare(r.T, want, got)
			})
		})
	}
}

// victoriaLogs is a store of the test's own.
type victoriaLogs struct{ url *url.URL }

func newVictoriaLogs(t *testing.T, program string) victoriaLogs {
	t.Helper()
	address := freeAddress(t)
	daemon(t, exec.Command(program, "-httpListenAddr="+address, "-storageDataPath="+t.TempDir(), "-memory.allowedBytes=64MiB"))
	awaitListener(t, address)
	return victoriaLogs{&url.URL{Scheme: "http", Host: address}}
}

// at passes requests on to a path of the store, with more in the query.
func (v victoriaLogs) at(path, query string) http.HandlerFunc {
	proxy := httputil.ReverseProxy{Rewrite: func(req *httputil.ProxyRequest) {
		req.SetURL(v.url)
		if path != "" {
			req.Out.URL.Path, req.Out.URL.RawQuery = path, query
		}
	}}
	return proxy.ServeHTTP
}

// all returns all records of the store.
func (v victoriaLogs) all(t *testing.T) (rows []map[string]any) {
	t.Helper()
	answer, err := http.Get(v.url.JoinPath("/select/logsql/query").String() + "?query=" + url.QueryEscape("*") + "&limit=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("query: %s %v: %s", answer.Status, err, text)
	}
	for line := range bytes.Lines(text) {
		rows = append(rows, decode(t, line).(map[string]any))
	}
	return rows
}

// fields flattens an event as VictoriaLogs does: objects become names with dots, numbers and the
// like become text, and empty values are left out. Lists, which it stores as JSON, and times are
// parsed, because they can be written in several ways.
func fields(event any) map[string]any {
	flat := make(map[string]any)
	var add func(name string, value any)
	add = func(name string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, member := range value {
				next := key
				if name != "" {
					next = name + "." + key
				}
				add(next, member)
			}
		case []any:
			if len(value) > 0 {
				flat[name] = value
			}
		case nil:
		case string:
			if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
				flat[name] = at.UTC()
			} else if value != "" {
				flat[name] = value
			}
		default:
			flat[name] = fmt.Sprint(value)
		}
	}
	add("", event)
	return flat
}

// asSent gives the fields that VictoriaLogs has renamed their names in the record, and removes
// those that it or the output has added.
func asSent(row map[string]any) map[string]any {
	for name, was := range map[string]string{"_time": "@timestamp", "_msg": "event.action"} {
		if _, ok := row[was]; !ok {
			row[was] = row[name]
		}
		delete(row, name)
	}
	for _, added := range []string{"_stream", "_stream_id", "event_time", "job", "product"} {
		delete(row, added)
	}
	for name, value := range row {
		if text := value.(string); strings.HasPrefix(text, "[") {
			if list, err := parse([]byte(text)); err == nil {
				row[name] = list
			}
			if text == "[]" {
				delete(row, name)
			}
		} else if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			row[name] = at.UTC()
		}
	}
	return row
}
