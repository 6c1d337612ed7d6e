package host

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
)

// Counts are Fluent Bit's counts of one output.
type Counts struct {
	Records       int `json:"proc_records"`
	Errors        int `json:"errors"`
	Retries       int `json:"retries"`
	RetriesFailed int `json:"retries_failed"`
	Dropped       int `json:"dropped_records"`
}

// GaveUp returns whether the output has given records up.
func (c Counts) GaveUp() bool { return c.Errors+c.RetriesFailed+c.Dropped > 0 }

// Refused returns whether the receiver has refused records: the output has given them up, or tries
// again.
func (c Counts) Refused() bool { return c.GaveUp() || c.Retries > 0 }

// Counts returns Fluent Bit's counts of its outputs, by their names.
func (p *Process) Counts(ctx context.Context) (map[string]Counts, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+p.port+"/api/v1/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var metrics struct{ Output map[string]Counts }
	err = json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&metrics)
	return metrics.Output, err
}
