// Package atlassian asks one Atlassian site: credentials, routes, HTTP, pace, clock, and for every
// refusal a cause and a remedy.
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

// Client asks one Atlassian site, and the gateway and the place of tokens that belong to it: with
// the credential, at the pace that they want, and with an error for every refusal. It knows no
// product.
type Client struct {
	Options Options
	Base    *url.URL // canonical api_url
	Host    string   // of base
	http    *http.Client
	Auth    *Credential
	redact  *redact.Redactor
	heard   announcements
	pace    *pace
	clock   clock

	requests requestCount
	answered atomic.Int64 // when the site gave its last good answer, in Unix nanoseconds
	waited   atomic.Int64 // nanoseconds that requests have waited because the site asked for it
}

// New checks the options and touches no network. The error holds one line per mistake.
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
	}
	c.Auth = newAuthenticator(opts, c)
	for _, user := range proxyPasswords(opts.Proxy) {
		password, _ := user.Password()
		c.redact.Keep(user.Username(), password)
	}
	if opts.SkipTLSVerify {
		c.Warnf("tls_verify is off: anybody on the way to %s can read the credential and forge the audit log", c.Host)
	}
	return c, nil
}

// Infof and Warnf are the only way into the log.
func (c *Client) Infof(format string, args ...any) {
	c.Options.Log.Info(c.redact.Redact(fmt.Sprintf(format, args...), false))
}

// Warnf writes a warning, without our secrets.
func (c *Client) Warnf(format string, args ...any) {
	c.Options.Log.Warn(c.redact.Redact(fmt.Sprintf(format, args...), false))
}

// Now is the site's clock as its last answers showed it, at most a second slow. Before any answer
// it is ours.
func (c *Client) Now() time.Time { return c.clock.now() }

// SecretChanged tells, once for each change, that a file with a secret is another than when it was
// last read, so that it is worth to try again after a refusal.
func (c *Client) SecretChanged() bool {
	changed := false
	for _, s := range []Secret{c.Options.APIToken, c.Options.PersonalAccessToken, c.Options.ClientSecret} {
		changed = s.IsSet() && s.s.changed() || changed
	}
	return changed
}

// Redacted is text without our secrets.
func (c *Client) Redacted(text string) string { return c.redact.Redact(text, false) }
