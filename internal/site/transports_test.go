package site_test

import (
	"net/http"
	"sync"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site/sitetest"
)

// transports are the transports of the clients of newClient.
var transports sync.Map

// transportOf returns the transport of a client of newClient.
func transportOf(c *Client) *http.Transport {
	t, _ := transports.Load(c)
	return t.(*http.Transport)
}

// newClient is sitetest.NewClient, whose transport transportOf returns.
func newClient(t *testing.T, o atlassian.Options) *Client {
	t.Helper()
	var transport *http.Transport
	if o.Transport == nil {
		o.Transport = func(t *http.Transport) http.RoundTripper {
			transport = t
			return t
		}
	}
	c := sitetest.NewClient(t, o)
	if transport != nil {
		transports.Store(c, transport)
		t.Cleanup(func() {
			transports.Delete(c)
			transport.CloseIdleConnections()
		})
	}
	return c
}
