// Package atlassian sends requests to one Atlassian site: it does the credentials, HTTP, pace and
// clock, and gives every refusal a cause and a remedy.
package atlassian

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"fluent-bit-confluence/internal/redact"
)

// Client sends requests to one Atlassian site, and to the gateway and the token server that belong
// to it. It adds the credential, keeps to the server's pace, and makes an error of every refusal.
// It knows no product's API.
type Client struct {
	Options Options
	Base    *url.URL // api_url in canonical form
	Host    string   // of Base, with its port if it has one
	http    *http.Client
	Auth    *Credential
	redact  *redact.Redactor
	heard   announcements
	pace    *pace
	quotas  quotas
	clock   clock

	requests requestCount
	answered atomic.Int64 // time of the last good answer, in Unix nanoseconds
	waited   atomic.Int64 // total of the short waits that the site asked for, in nanoseconds
}

// New checks the options. It sends no request. The error has one line per mistake.
func New(opts Options) (*Client, error) {
	opts, base, err := opts.normalize()
	httpClient, transportErr := newHTTPClient(opts)
	if err := errors.Join(err, transportErr); err != nil {
		return nil, err
	}
	c := &Client{
		Options: opts,
		Base:    base,
		Host:    base.Host,
		http:    httpClient,
		redact:  new(redact.Redactor),
		pace:    newPace(),
		quotas:  quotas{most: opts.Quota},
	}
	c.Auth = newCredential(opts, c)
	for _, user := range proxyPasswords(opts.Proxy) {
		password, _ := user.Password()
		c.redact.Keep(user.Username(), password)
	}
	if opts.SkipTLSVerify {
		c.Warnf("tls_verify is off: anybody on the way to %s can read the credential and forge the audit log", c.Host)
	}
	return c, nil
}

// Infof writes a notice, without our secrets. Only Infof and Warnf write to the log.
func (c *Client) Infof(format string, args ...any) {
	c.Options.Log.Info(c.redact.Redact(fmt.Sprintf(format, args...), false))
}

// Warnf writes a warning, without our secrets.
func (c *Client) Warnf(format string, args ...any) {
	c.Options.Log.Warn(c.redact.Redact(fmt.Sprintf(format, args...), false))
}

// Now returns the time at the site as its last answers showed it, at most a second slow. Before any
// answer it is our time.
func (c *Client) Now() time.Time { return c.clock.now() }

// SecretChanged reports, once for each change, that a file with a secret has changed since it was
// last read, so that another try after a refusal may work.
func (c *Client) SecretChanged() bool {
	changed := false
	for _, s := range []Secret{c.Options.APIToken, c.Options.PersonalAccessToken, c.Options.ClientSecret} {
		changed = s.IsSet() && s.s.changed() || changed
	}
	return changed
}

// Redacted returns text without our secrets.
func (c *Client) Redacted(text string) string { return c.redact.Redact(text, false) }
