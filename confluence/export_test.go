package confluence

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// inMemory answers requests without a network, so that time can be faked.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		switch broken := recover(); {
		case broken != nil && broken != http.ErrAbortHandler:
			panic(broken)
		case r.Context().Err() != nil:
			resp, err = nil, r.Context().Err()
		case broken != nil:
			resp, err = nil, io.ErrUnexpectedEOF
		}
	}()
	m.ServeHTTP(w, r)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}

// InMemory makes a client ask a handler in place of the network.
func (c *Client) InMemory(h http.Handler) { c.http.Transport = inMemory{h} }
