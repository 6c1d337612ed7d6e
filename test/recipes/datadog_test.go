package recipes

import (
	"encoding/json"
	"net/http"
	"testing"
)

// datadogIntake receives as version 2 of Datadog's log intake does.
func (a *arrivals) datadogIntake(w http.ResponseWriter, req *http.Request) {
	a.require("method and address", req.Method+" https://"+req.Host+req.URL.Path, "POST https://http-intake.logs.datadoghq.com/api/v2/logs")
	a.require("key", req.Header.Get("Dd-Api-Key"), "secret")
	var list []json.RawMessage
	if err := json.Unmarshal(a.body(req), &list); err != nil {
		a.mistake("no list: %v", err)
	}
	if len(list) > 1000 {
		a.mistake("%d records, the intake takes 1000", len(list))
	}
	for _, text := range list {
		event := a.object(text)
		a.require("source", at(event, "ddsource"), "atlassian")
		a.require("service", at(event, "service"), "atlassian")
		a.require("tags", at(event, "ddtags"), "log:audit")
		if _, ok := event["date"].(json.Number); !ok {
			a.mistake("date is %v, not in milliseconds", event["date"])
		}
		for _, added := range []string{"ddsource", "service", "ddtags", "date"} {
			delete(event, added)
		}
		a.take(at(event, "atlassian", "event_id"), event)
	}
	w.WriteHeader(http.StatusAccepted)
}

func TestDatadog(t *testing.T) {
	eachForm(t, "datadog", func(r *recipe) {
		var got arrivals
		env := r.cloud(got.datadogIntake)
		env["DD_API_KEY"] = "secret"
		r.start(env)
		got.wantAll(r.T, r.expected(raw))
	})
}

// In a first run with a day of records no request is larger than the intake accepts.
func TestDatadogCatchUp(t *testing.T) {
	t.Parallel()
	r := newRecipeOf(t, "datadog", "fluent-bit.yaml", "cloud", 5000)
	var got arrivals
	env := r.cloud(got.datadogIntake)
	env["DD_API_KEY"] = "secret"
	r.start(env)
	got.wantIDs(t, r.expected(raw))
}
