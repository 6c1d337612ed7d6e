package recipes

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"testing"

	"fluent-bit-confluence/internal/schema"
)

var asim = schema.Format{Schema: "asim"}

// sentinel issues a token for the client's secret, and with the token receives as the Logs
// Ingestion API does.
func (a *arrivals) sentinel(w http.ResponseWriter, req *http.Request) {
	switch req.Host {
	case "login.microsoftonline.com", "login.microsoftonline.com:443":
		a.require("method and path", req.Method+" "+req.URL.Path, "POST /tenant-1/oauth2/v2.0/token")
		for key, want := range map[string]string{
			"grant_type": "client_credentials", "client_id": "client-1", "client_secret": "secret", "scope": "https://monitor.azure.com/.default",
		} {
			a.require(key, req.FormValue(key), want)
		}
		_, _ = io.WriteString(w, `{"token_type":"Bearer","expires_in":3599,"access_token":"access-1"}`)
	case "audit-x1.westeurope-1.ingest.monitor.azure.com", "audit-x1.westeurope-1.ingest.monitor.azure.com:443":
		a.require("method and path", req.Method+" "+req.URL.Path, "POST /dataCollectionRules/dcr-1/streams/Custom-AtlassianAudit_CL")
		a.require("authorization", req.Header.Get("Authorization"), "Bearer access-1")
		a.require("content type", req.Header.Get("Content-Type"), "application/json")
		text := a.body(req)
		if len(text) > 1<<20 {
			a.mistake("%d bytes, the API takes 1 MB", len(text))
		}
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			a.mistake("no list: %v", err)
		}
		for _, text := range list {
			event := a.object(text)
			a.require("Fluent Bit's time", at(event, "FluentBitTime"), at(event, "TimeGenerated"))
			delete(event, "FluentBitTime")
			a.take(at(event, "EventOriginalUid"), event)
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		a.mistake("a request to %s", req.Host)
	}
}

var sentinelEnvironment = map[string]string{
	"AZURE_TENANT_ID": "tenant-1", "AZURE_CLIENT_ID": "client-1", "AZURE_CLIENT_SECRET": "secret",
	"AZURE_DCE_URL": "https://audit-x1.westeurope-1.ingest.monitor.azure.com", "AZURE_DCR_ID": "dcr-1",
}

func TestSentinel(t *testing.T) {
	eachForm(t, "sentinel", func(r *recipe) {
		var got arrivals
		env := r.cloud(got.sentinel)
		maps.Copy(env, sentinelEnvironment)
		r.start(env)
		got.wantAll(r.T, r.expected(asim))
	})
}

// In a first run with a day of records no request is larger than the API accepts.
func TestSentinelCatchUp(t *testing.T) {
	t.Parallel()
	r := newRecipeOf(t, "sentinel", "fluent-bit.yaml", "cloud", 5000)
	var got arrivals
	env := r.cloud(got.sentinel)
	maps.Copy(env, sentinelEnvironment)
	r.start(env)
	got.wantIDs(t, r.expected(asim))
}
