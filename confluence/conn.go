package confluence

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// conn asks one Atlassian site, and the gateway and the place of tokens that belong to it: with the
// credential, at the pace that they want, and with an error for every refusal. It knows no product.
type conn struct {
	opts   Options
	base   *url.URL // canonical api_url
	host   string   // of base
	http   *http.Client
	auth   *authenticator
	redact *redactor
	heard  announcements
	pace   *pace
	clock  clock

	requests requestCount
	answered atomic.Int64 // when the site gave its last good answer, in Unix nanoseconds
	waited   atomic.Int64 // nanoseconds that requests have waited because the site asked for it
}

func newConn(opts Options) (*conn, error) {
	opts, base, err := opts.normalize()
	httpClient, transportErr := newHTTPClient(opts)
	if err := errors.Join(err, transportErr); err != nil {
		return nil, err
	}
	c := &conn{
		opts:   opts,
		base:   base,
		host:   base.Host,
		http:   httpClient,
		redact: new(redactor),
		pace:   newPace(),
	}
	c.auth = newAuthenticator(opts, c)
	for _, user := range proxyPasswords(opts.Proxy) {
		password, _ := user.Password()
		c.redact.keep(user.Username(), password)
	}
	if opts.SkipTLSVerify {
		c.warnf("tls_verify is off: anybody on the way to %s can read the credential and forge the audit log", c.host)
	}
	return c, nil
}

// infof and warnf are the only way into the log.
func (c *conn) infof(format string, args ...any) {
	c.opts.Log.Info(c.redact.redact(fmt.Sprintf(format, args...), false))
}

func (c *conn) warnf(format string, args ...any) {
	c.opts.Log.Warn(c.redact.redact(fmt.Sprintf(format, args...), false))
}

// Now is the site's clock as its last answers showed it, at most a second slow.
// Before any answer it is ours.
func (c *conn) Now() time.Time { return c.clock.now() }

// SecretChanged tells, once for each change, that a file with a secret is another
// than when it was last read, so that it is worth to try again after a refusal.
func (c *conn) SecretChanged() bool {
	changed := false
	for _, s := range []Secret{c.opts.APIToken, c.opts.PersonalAccessToken, c.opts.ClientSecret} {
		changed = s.IsSet() && s.s.changed() || changed
	}
	return changed
}

// redacted is text without our secrets.
func (c *conn) redacted(text string) string { return c.redact.redact(text, false) }
