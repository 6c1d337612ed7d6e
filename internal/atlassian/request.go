package atlassian

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

// Limits on the bodies of answers, in bytes.
const (
	maxAnswer    = 1 << 20  // good answers
	maxErrorBody = 64 << 10 // other answers
	MaxPage      = 16 << 20 // pages of records, unpacked
)

// ErrTooLarge is wrapped by the error of an answer that exceeds its limit.
var ErrTooLarge = errors.New("too large")

// Answer is a response with its whole body.
type Answer struct {
	Status int
	Header http.Header
	URL    *url.URL // where it came from, after redirects
	Body   []byte   // at most its limit: MaxPage, maxAnswer or maxErrorBody
	Cut    bool     // the body is larger, and Body is its beginning
	Sent   string   // Authorization header of the request
	Took   time.Duration
}

// IsHTML reports whether the answer is HTML.
func (a *Answer) IsHTML() bool {
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		return true
	}
	return bytes.HasPrefix(bytes.TrimLeft(a.Body, "\xef\xbb\xbf \t\r\n"), []byte("<"))
}

// FailedLogin returns the result of the login if Seraph, Atlassian's login layer, says that it
// failed. It also says so on answers with status 200. Without the header it returns an empty
// string.
func (a *Answer) FailedLogin() string {
	reason := a.Header.Get("X-Seraph-Loginreason")
	for _, bad := range []string{"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"} {
		if strings.Contains(strings.ToUpper(reason), bad) {
			return bad
		}
	}
	return ""
}

// GetAnonymous sends a request without a credential and follows no redirect.
func (c *Client) GetAnonymous(ctx context.Context, target string) (*Answer, error) {
	req, err := http.NewRequestWithContext(context.WithValue(ctx, noRedirects{}, true), http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	return c.exchange(req, nil)
}

// Get sends a request with the credential. If that is refused and there is a new one, from a
// changed file or a renewed token, it sends the request once more. The caller has to check the
// status. If into is not nil, the body is read into it.
func (c *Client) Get(ctx context.Context, target string, into *bytes.Buffer) (*Answer, error) {
	header, err := c.Auth.Header(ctx, "")
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
		a.Sent = header
		c.clock.observe(a.Header)
		if attempt > 0 || (a.Status != http.StatusUnauthorized && a.FailedLogin() == "") || IsScope(a) {
			return a, nil
		}
		fresh, err := c.Auth.Header(ctx, header)
		if err != nil {
			return nil, err
		}
		if fresh == header {
			return a, nil
		}
		header = fresh
	}
}

// send sends one request and reads the whole answer, into a buffer of the caller if there is one.
// Every error is an *Error, except when the caller's context is done.
func (c *Client) send(req *http.Request, into *bytes.Buffer) (*Answer, error) {
	caller, host := req.Context(), req.URL.Host
	if err := c.quotas.wait(caller, host, req.URL.Path); err != nil {
		return nil, err
	}
	if err := c.pace.wait(caller, host); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(caller, c.Options.Timeout)
	defer cancel()
	req.Header.Set("User-Agent", c.Options.UserAgent)
	req.Header.Set("Accept", "application/json")
	var conn lastConn
	began := time.Now()
	broke := func(err error) error {
		err = c.networkError(caller, host, err)
		if e, ok := errors.AsType[*Error](err); ok {
			e.Took = time.Since(began)
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
	if !isAside(caller) {
		c.pace.observe(began, resp.StatusCode, resp.Header)
	}

	a := &Answer{Status: resp.StatusCode, Header: resp.Header, URL: resp.Request.URL}
	limit := int64(maxErrorBody)
	switch {
	case a.Status == http.StatusOK && into != nil:
		limit = MaxPage
	case a.Status == http.StatusOK:
		limit = maxAnswer
	}
	body := cmp.Or(into, new(bytes.Buffer))
	body.Reset()
	// With room for the read that returns EOF, the buffer never grows for a body of known length.
	body.Grow(int(min(max(resp.ContentLength, 0), limit)) + bytes.MinRead)
	if _, err := body.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return nil, broke(err)
	}
	a.Body, a.Took = body.Bytes(), time.Since(began)
	if int64(len(a.Body)) > limit {
		if a.Status == http.StatusOK && into == nil {
			return nil, Fail(CauseTooLarge, nil, "%s sends an answer of more than %d MiB", host, maxAnswer>>20)
		}
		a.Body, a.Cut = a.Body[:limit], true
	}
	c.hear(a)
	return a, nil
}
