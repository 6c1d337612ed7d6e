package recipes

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// loki receives JSON as Loki's push endpoint does.
func (a *arrivals) loki(w http.ResponseWriter, req *http.Request) {
	a.lokiRequest(req, a.body(req))
	w.WriteHeader(http.StatusNoContent)
}

func (a *arrivals) lokiRequest(req *http.Request, body []byte) {
	a.require("method and path", req.Method+" "+req.URL.Path, "POST /loki/api/v1/push")
	a.require("authorization", req.Header.Get("Authorization"), "Basic YXVkaXQ6c2VjcmV0")
	a.require("tenant", req.Header.Get("X-Scope-Orgid"), "security")
	var push struct {
		Streams []struct {
			Stream map[string]string
			Values [][]string
		}
	}
	if err := json.Unmarshal(body, &push); err != nil {
		a.mistake("no push: %v", err)
	}
	for _, stream := range push.Streams {
		a.require("label job", stream.Stream["job"], "atlassian")
		for _, value := range stream.Values {
			if len(value) != 2 {
				a.mistake("%d parts in a value", len(value))
				continue
			}
			nanoseconds, line := value[0], value[1]
			event := a.object([]byte(line))
			if n, _ := strconv.ParseInt(nanoseconds, 10, 64); time.Since(time.Unix(0, n)) > 25*time.Hour {
				a.mistake("time %q", nanoseconds)
			}
			id := at(event, "atlassian", "event_id")
			a.require("label product", stream.Stream["product"], a.products[id])
			a.take(id, event)
		}
	}
}

var lokiEnvironment = map[string]string{"LOKI_USER": "audit", "LOKI_PASSWORD": "secret", "LOKI_TENANT": "security"}

func TestLoki(t *testing.T) {
	eachForm(t, "loki", func(r *recipe) {
		got := arrivals{products: r.products()}
		env := own(r.T, "LOKI", got.loki)
		maps.Copy(env, lokiEnvironment)
		r.start(env)
		got.wantAll(r.T, r.expected(raw))
	})
}
