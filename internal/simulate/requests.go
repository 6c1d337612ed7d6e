package simulate

import (
	"net/http"
	"slices"
	"time"
)

// Request is one request as it was received, without secrets. Requests to /_simulate/ are not kept.
type Request struct {
	Time   time.Time `json:"time"` // the server's clock
	Method string    `json:"method"`
	Host   string    `json:"host"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	// none, wrong, unscoped-token, scoped-token, other-product-token, oauth-access-token, password,
	// personal-access-token
	Credential string      `json:"credential"`
	Header     http.Header `json:"header"` // secrets are ***
	// the server's status, even if a fault of the wire lost it
	Status int         `json:"status"`
	Faults []FaultKind `json:"faults,omitempty"`
}

// keptRequests is how many requests are kept, which bounds the memory of long runs.
const keptRequests = 10000

func (s *Simulator) remember(c *call, a *reply) {
	header := c.Header.Clone()
	for _, secret := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		if header.Get(secret) != "" {
			header.Set(secret, "***")
		}
	}
	r := Request{
		Time: c.now, Method: c.Method, Host: c.Host, Path: c.URL.Path, Query: c.URL.RawQuery,
		Credential: string(c.credential), Header: header, Status: a.status,
	}
	for _, f := range c.faults {
		r.Faults = append(r.Faults, f.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if len(s.requests) == keptRequests {
		s.requests = slices.Delete(s.requests, 0, keptRequests/2)
	}
	s.requests = append(s.requests, r)
}

// Requests returns the latest requests, oldest first, at most keptRequests.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}
