package recipes

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"fluent-bit-confluence/internal/schema"
)

// hec receives as the HTTP Event Collector of Splunk does: envelopes, one after the other.
func (a *arrivals) hec(w http.ResponseWriter, req *http.Request) {
	a.require("method and path", req.Method+" "+req.URL.Path, "POST /services/collector/event")
	a.require("authorization", req.Header.Get("Authorization"), "Splunk b0221cd8-c4b4-465a-9a3c-273e3a75aa29")
	text := a.body(req)
	if len(text) > 1<<20 {
		a.mistake("%d bytes, Splunk Cloud takes 1 MB", len(text))
	}
	for envelopes := json.NewDecoder(bytes.NewReader(text)); ; {
		var e struct {
			Time                            json.Number
			Host, Source, Sourcetype, Index string
			Fields                          map[string]string
			Event                           json.RawMessage
		}
		if err := envelopes.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			a.mistake("envelope: %v", err)
			return
		}
		a.require("index", e.Index, "security")
		event := a.object(e.Event)
		product := a.products[at(event, "event_id")]
		a.require("source type", e.Sourcetype, product+":audit")
		a.require("source", e.Source, product)
		a.require("host", e.Host, at(event, "dvc"))
		a.require("indexed field", e.Fields["event_id"], at(event, "event_id"))
		a.require("time", unix(at(event, "time")), seconds(e.Time))
		a.take(at(event, "event_id"), event)
	}
	_, _ = io.WriteString(w, `{"text":"Success","code":0}`)
}

var cim = schema.Format{Schema: "cim"}

func TestSplunk(t *testing.T) {
	eachForm(t, "splunk", func(r *recipe) {
		got := arrivals{products: r.products()}
		env := own(r.T, "SPLUNK", got.hec)
		env["SPLUNK_TOKEN"], env["SPLUNK_INDEX"] = "b0221cd8-c4b4-465a-9a3c-273e3a75aa29", "security"
		r.start(env)
		got.wantAll(r.T, r.expected(cim))
	})
}

// In a first run with a day of records no request is larger than Splunk Cloud accepts.
func TestSplunkCatchUp(t *testing.T) {
	t.Parallel()
	r := newRecipeOf(t, "splunk", "fluent-bit.yaml", "cloud", 5000)
	got := arrivals{products: r.products()}
	env := own(t, "SPLUNK", got.hec)
	env["SPLUNK_TOKEN"], env["SPLUNK_INDEX"] = "b0221cd8-c4b4-465a-9a3c-273e3a75aa29", "security"
	r.start(env)
	got.wantIDs(t, r.expected(cim))
}
