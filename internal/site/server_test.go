package site_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
)

const (
	testUser  = "auditor@acme.example"
	testToken = "s3cret-api-token"
)

// Epoch is the time of the newest record in tests.
var Epoch = time.UnixMilli(1_700_000_000_000).UTC()

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// transports are the transports of the clients of newClient.
var transports sync.Map

// transportOf returns the transport of a client of newClient.
func transportOf(c *Client) *http.Transport {
	t, _ := transports.Load(c)
	return t.(*http.Transport)
}

// newClient adds a Basic credential unless the options have one.
func newClient(t *testing.T, o atlassian.Options) *Client {
	t.Helper()
	if !o.PersonalAccessToken.IsSet() && o.ClientID == "" && o.UserIdentifier == "" && !o.APIToken.IsSet() {
		o.UserIdentifier, o.APIToken = testUser, atlassian.NewSecret(testToken)
	}
	var transport *http.Transport
	if o.Transport == nil {
		o.Transport = func(t *http.Transport) http.RoundTripper {
			transport = t
			return t
		}
	}
	c, err := confluence.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if transport != nil {
		transports.Store(c, transport)
		t.Cleanup(func() {
			transports.Delete(c)
			transport.CloseIdleConnections()
		})
	}
	return c
}

// cloudClient reads a server as a Cloud site, without looking for the route.
func cloudClient(t *testing.T, h http.HandlerFunc, o atlassian.Options) *Client {
	t.Helper()
	o.APIURL, o.Deployment, o.Route, o.CloudID = serve(t, h).URL, atlassian.DeploymentCloud, atlassian.RouteSite, "some-cloud-id"
	return newClient(t, o)
}

// centerClient reads a server as a Data Center.
func centerClient(t *testing.T, h http.HandlerFunc, o atlassian.Options) *Client {
	t.Helper()
	o.APIURL, o.Deployment = serve(t, h).URL, atlassian.DeploymentDataCenter
	return newClient(t, o)
}

// readAll returns the raw records of a window, in the order of Read.
func readAll(c *Client, from, to time.Time) ([]string, error) {
	var got []string
	err := c.Read(context.Background(), from, to, func(r atlassian.Record) error {
		got = append(got, string(r.Raw))
		return nil
	})
	return got, err
}

// auditLog is a Cloud audit log whose misbehaviour is set by its fields.
type auditLog struct {
	mu      sync.Mutex
	records []string            // newest first, each with its creationDate
	cap     func(asked int) int // most records on a page
	// called before every request but probes, from 0; may change records
	before func(request int)
	extra  string // further members of the page
	ignore bool   // it ignores dates
	newest int    // a query lists at most so many of its newest records
	open   bool   // the ends of a window are exclusive

	ignoreStart bool

	requests int
	queries  []string
}

func (l *auditLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/rest/api/audit") {
		http.NotFound(w, r)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	query := r.URL.Query()
	number := func(key string, def int) int {
		if n, err := strconv.Atoi(query.Get(key)); err == nil {
			return n
		}
		return def
	}
	limit := number("limit", 1000)
	if query.Get("start") != "" {
		if l.before != nil {
			l.before(l.requests)
		}
		l.requests++
		l.queries = append(l.queries, r.URL.RawQuery)
	}
	if l.cap != nil {
		limit = min(limit, l.cap(limit))
	}
	from, to := number("startDate", 0), number("endDate", 1<<62)
	if l.open {
		from, to = from+1, to-1
	}
	var found []string
	for _, record := range l.records {
		ms := int(auditRecordTime(record))
		if l.ignore || (ms >= from && ms <= to) {
			found = append(found, record)
		}
	}
	if l.newest > 0 {
		found = found[:min(l.newest, len(found))]
	}
	start := min(number("start", 0), len(found))
	if l.ignoreStart {
		start = 0
	}
	found = found[start:min(start+limit, len(found))]
	fmt.Fprintf(w, `{"results":[%s],"start":%d,"limit":%d,"size":%d%s}`, strings.Join(found, ","), start, limit, len(found), l.extra)
}

// auditRecord is a record that happened ms before epoch.
func auditRecord(ms int, text string) string {
	return fmt.Sprintf(`{"creationDate":%d,"summary":%q}`, Epoch.UnixMilli()-int64(ms), text)
}

func auditRecordTime(record string) int64 {
	_, rest, _ := strings.Cut(record, `"creationDate":`)
	digits, _, _ := strings.Cut(rest, ",")
	ms, _ := strconv.ParseInt(digits, 10, 64)
	return ms
}

// auditRecords are n records, one each ms back from epoch.
func auditRecords(n int) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = auditRecord(i, fmt.Sprint("record ", i))
	}
	return records
}
