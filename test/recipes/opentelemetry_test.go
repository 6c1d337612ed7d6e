package recipes

import (
	"bytes"
	"net/http"
	"testing"
)

// The request has the form that a collector requires. TestVictoriaLogs checks its content.
func TestOpenTelemetry(t *testing.T) {
	eachForm(t, "opentelemetry", func(r *recipe) {
		var got arrivals
		want := r.expected(ecs)
		env := own(r.T, "OTLP", func(_ http.ResponseWriter, req *http.Request) {
			got.require("method and path", req.Method+" "+req.URL.Path, "POST /v1/logs")
			got.require("authorization", req.Header.Get("Authorization"), "Bearer secret")
			got.require("content type", req.Header.Get("Content-Type"), "application/x-protobuf")
			body := got.body(req)
			for id, event := range want {
				if bytes.Contains(body, []byte(id)) {
					got.take(id, event)
				}
			}
		})
		env["OTLP_TOKEN"] = "secret"
		r.start(env)
		got.wantAll(r.T, want)
	})
}
