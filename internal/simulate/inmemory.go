package simulate

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// inMemory answers requests without a network, so that tests can run in fake time.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		broken := recover()
		if err, ok := broken.(error); broken != nil && (!ok || !errors.Is(err, http.ErrAbortHandler)) {
			panic(broken)
		}
		switch {
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

// InMemory makes a client send its requests to a handler instead of the network.
func InMemory(h http.Handler) func(*http.Transport) http.RoundTripper {
	return func(*http.Transport) http.RoundTripper { return inMemory{h} }
}
