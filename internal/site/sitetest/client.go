package sitetest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"
)

// The credential of clients that were given none.
const (
	User  = "auditor@acme.example"
	Token = "s3cret-api-token"
)

// Epoch is the time of the newest record in tests.
var Epoch = time.UnixMilli(1_700_000_000_000).UTC()

// Serve starts a server that ends with the test.
func Serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// NewClient adds a Basic credential unless the options have one.
func NewClient(t *testing.T, o atlassian.Options) *site.Client {
	t.Helper()
	if !o.PersonalAccessToken.IsSet() && o.ClientID == "" && o.UserIdentifier == "" && !o.APIToken.IsSet() {
		o.UserIdentifier, o.APIToken = User, atlassian.NewSecret(Token)
	}
	c, err := confluence.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// CloudClient reads a server as a Cloud site, without looking for the route.
func CloudClient(t *testing.T, h http.HandlerFunc, o atlassian.Options) *site.Client {
	t.Helper()
	o.APIURL, o.Deployment, o.Route, o.CloudID = Serve(t, h).URL, atlassian.DeploymentCloud, atlassian.RouteSite, "some-cloud-id"
	return NewClient(t, o)
}

// CenterClient reads a server as a Data Center.
func CenterClient(t *testing.T, h http.HandlerFunc, o atlassian.Options) *site.Client {
	t.Helper()
	o.APIURL, o.Deployment = Serve(t, h).URL, atlassian.DeploymentDataCenter
	return NewClient(t, o)
}

// ReadAll returns the raw records of a window, in the order of Read.
func ReadAll(c *site.Client, from, to time.Time) ([]string, error) {
	var got []string
	err := c.Read(context.Background(), from, to, func(r atlassian.Record) error {
		got = append(got, string(r.Raw))
		return nil
	})
	return got, err
}
