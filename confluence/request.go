package confluence

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What is read of answers that are no pages, in bytes.
const (
	maxAnswer    = 1 << 20  // good ones
	maxErrorBody = 64 << 10 // others
	maxPage      = 16 << 20 // pages of records, unpacked
)

// errTooLarge is wrapped by the error of an answer that is more than is read.
var errTooLarge = errors.New("too large")

// answer is a response with its whole body.
type answer struct {
	status int
	header http.Header
	url    *url.URL // where it came from, after redirects
	body   []byte   // whole when the status is 200, else as much as is looked at
	cut    bool     // of a page: it is too large, and body is its beginning
	sent   string   // Authorization header of the request
	took   time.Duration
}

func (a *answer) isHTML() bool {
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return true
	}
	return bytes.HasPrefix(bytes.TrimLeft(a.body, "\xef\xbb\xbf \t\r\n"), []byte("<"))
}

// failedLogin is the login's outcome when Seraph, Atlassian's login layer, says
// that it failed. It says so on answers with status 200 too. Without the header
// nothing is known.
func (a *answer) failedLogin() string {
	reason := a.header.Get("X-Seraph-Loginreason")
	for _, bad := range []string{"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"} {
		if strings.Contains(strings.ToUpper(reason), bad) {
			return bad
		}
	}
	return ""
}

// getAnonymous asks without a credential and follows no redirect.
func (c *conn) getAnonymous(ctx context.Context, target string) (*answer, error) {
	req, err := http.NewRequestWithContext(context.WithValue(ctx, noRedirects{}, true), http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	return c.exchange(req, nil)
}

// get asks with the credential. When it is refused and a fresh one can be had,
// from a changed file or a renewed token, it asks once more. The status of the
// answer is the caller's to judge. The body is read into a buffer of the
// caller's, if there is one.
func (c *conn) get(ctx context.Context, target string, into *bytes.Buffer) (*answer, error) {
	header, err := c.auth.header(ctx, "")
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
		if err != nil {
			return nil, fmt.Errorf("build request: %w", err)
		}
		req.Header.Set("Authorization", header)
		a, err := c.exchange(req, into)
		if err != nil {
			return nil, err
		}
		a.sent = header
		c.clock.observe(a.header)
		if attempt > 0 || (a.status != http.StatusUnauthorized && a.failedLogin() == "") || isScope(a) {
			return a, nil
		}
		fresh, err := c.auth.header(ctx, header)
		if err != nil {
			return nil, err
		}
		if fresh == header {
			return a, nil
		}
		header = fresh
	}
}

// send sends one request and reads the whole answer, into a buffer of the
// caller's if there is one. Errors are *Error, except for the end of the caller's
// context.
func (c *conn) send(req *http.Request, into *bytes.Buffer) (*answer, error) {
	caller, host := req.Context(), req.URL.Host
	if err := c.pace.wait(caller, host); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(caller, c.opts.Timeout)
	defer cancel()
	req.Header.Set("User-Agent", c.opts.UserAgent)
	req.Header.Set("Accept", "application/json")
	var conn lastConn
	began := time.Now()
	broke := func(err error) error {
		err = c.networkError(caller, host, err)
		if e, ok := errors.AsType[*Error](err); ok {
			e.took = time.Since(began)
		}
		return err
	}
	resp, err := c.http.Do(req.WithContext(conn.traced(ctx)))
	if err != nil {
		c.requests.count(0)
		return nil, broke(conn.reason(err))
	}
	defer resp.Body.Close()
	c.requests.count(resp.StatusCode)
	c.pace.observe(resp.StatusCode, resp.Header)

	a := &answer{status: resp.StatusCode, header: resp.Header, url: resp.Request.URL}
	limit := int64(maxErrorBody)
	switch {
	case a.status == http.StatusOK && into != nil:
		limit = maxPage
	case a.status == http.StatusOK:
		limit = maxAnswer
	}
	body := cmp.Or(into, new(bytes.Buffer))
	body.Reset()
	// With room for the last read's EOF, a body of known length never grows.
	body.Grow(int(min(max(resp.ContentLength, 0), limit)) + bytes.MinRead)
	if _, err := body.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return nil, broke(err)
	}
	a.body, a.took = body.Bytes(), time.Since(began)
	if int64(len(a.body)) > limit {
		if a.status == http.StatusOK && into == nil {
			return nil, fail(CauseTooLarge, nil, "%s sends an answer of more than %d MiB", host, maxAnswer>>20)
		}
		a.body, a.cut = a.body[:limit], true
	}
	c.hear(a)
	return a, nil
}
