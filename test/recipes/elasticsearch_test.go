package recipes

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"

	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/test/rig/rigtest"
)

var ecs = schema.Format{Schema: "ecs"}

// bulk receives and answers as the bulk API of Elasticsearch and OpenSearch: 201 for a new
// document, 200 for an existing one.
func (a *arrivals) bulk(authorization string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		a.require("method and path", req.Method+" "+req.URL.Path, "POST /_bulk")
		a.require("authorization", req.Header.Get("Authorization"), authorization)
		a.require("content type", req.Header.Get("Content-Type"), "application/x-ndjson")
		lines := bytes.Split(bytes.TrimSuffix(a.body(req), []byte("\n")), []byte("\n"))
		if len(lines)%2 != 0 {
			a.mistake("%d lines in a bulk", len(lines))
			return
		}
		answer := map[string]any{"took": 1, "errors": false}
		var items []any
		for i := 0; i < len(lines); i += 2 {
			action, _ := a.object(lines[i])["index"].(map[string]any)
			a.require("index", at(action, "_index"), "atlassian-audit")
			if n := bytes.Count(lines[i+1], []byte(`"@timestamp"`)); n != 1 {
				a.mistake("%d fields @timestamp, Elasticsearch refuses but one", n)
			}
			document := withoutReadTime(a.object(lines[i+1]))
			delete(document, "event_time")
			status := http.StatusCreated
			if !a.take(at(action, "_id"), document) {
				status = http.StatusOK
			}
			items = append(items, map[string]any{"index": map[string]any{"_id": action["_id"], "status": status}})
		}
		answer["items"] = items
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}
}

var elasticsearch = map[string]string{"ELASTICSEARCH_API_KEY": "a2V5"}

func TestElasticsearch(t *testing.T) {
	eachForm(t, "elasticsearch", func(r *recipe) {
		var got arrivals
		env := own(r.T, "ELASTICSEARCH", got.bulk("ApiKey a2V5"))
		maps.Copy(env, elasticsearch)
		r.start(env)
		got.wantAll(r.T, r.expected(ecs))
	})
}

// A store that has taken a request but could not confirm it gets it again, and then has each record
// once.
func TestElasticsearchTakesRepeats(t *testing.T) {
	t.Parallel()
	r := newRecipe(t, "elasticsearch", "fluent-bit.yaml", "cloud")
	var got arrivals
	var asked atomic.Int32
	bulk := got.bulk("ApiKey a2V5")
	env := own(t, "ELASTICSEARCH", func(w http.ResponseWriter, req *http.Request) {
		bulk(w, req)
		if asked.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
	})
	maps.Copy(env, elasticsearch)
	f := r.start(env)
	rigtest.Await(t, "the repeated batch", func() bool { return got.repeated() >= records })
	f.Stop()
	got.wantAll(t, r.expected(ecs))
	if n := asked.Load(); n != int32(len(r.sites))+1 {
		t.Errorf("%d requests, want one for each log, and the one that failed again", n)
	}
}

func TestOpenSearch(t *testing.T) {
	eachForm(t, "opensearch", func(r *recipe) {
		var got arrivals
		env := own(r.T, "OPENSEARCH", got.bulk("Basic YXVkaXQ6c2VjcmV0"))
		env["OPENSEARCH_USER"], env["OPENSEARCH_PASSWORD"] = "audit", "secret"
		r.start(env)
		got.wantAll(r.T, r.expected(ecs))
	})
}
