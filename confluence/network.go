package confluence

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// networkError finds the cause of an exchange that brought no whole answer.
// When the caller gave up it is the caller's own context error.
func (c *conn) networkError(caller context.Context, host string, err error) error {
	if caller.Err() != nil {
		return fmt.Errorf("ask %s: %w", host, context.Cause(caller))
	}
	cause, message := c.networkCause(host, err)
	failure := fail(cause, scrubbed{c.redact.redact(err.Error(), true), err}, "%s", message)
	if refused, ok := errors.AsType[*proxyError](err); ok {
		failure.Said = c.quote(refused.said, maxSaid)
	}
	return failure
}

func (c *conn) networkCause(host string, err error) (Cause, string) {
	if refused, ok := errors.AsType[*proxyError](err); ok {
		return CauseProxy, fmt.Sprintf("%s refuses to connect: %s", c.proxyName(), refused.status)
	}
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")) {
		return CauseProxy, fmt.Sprintf("%s cannot be used: %s", c.proxyName(), c.quote(innermost(err), 200))
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return CauseDNS, fmt.Sprintf("the host name %s cannot be found", hostname(host))
	}
	if cause, message := c.tlsCause(host, err); cause != "" {
		return cause, message
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()) {
		return CauseTimeout, fmt.Sprintf("%s did not answer within %v", host, c.opts.Timeout)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return CauseRefused, fmt.Sprintf("%s refuses the connection", host)
	}
	return CauseNetwork, fmt.Sprintf("the connection to %s broke (%s)", host, c.quote(innermost(err), 200))
}

func (c *conn) tlsCause(host string, err error) (Cause, string) {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		alert     tls.AlertError
		record    tls.RecordHeaderError
		op        *net.OpError
	)
	switch {
	case errors.As(err, &authority):
		return CauseTLSAuthority, fmt.Sprintf("the certificate of %s is signed by an authority that is not trusted here", host)
	case errors.As(err, &name):
		return CauseTLSHostName, fmt.Sprintf("the certificate of %s is for another host name", host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CauseTLSExpired, fmt.Sprintf("the certificate of %s has expired or is not valid yet", host)
	case errors.As(err, &verify), errors.As(err, &alert), errors.As(err, &record),
		// What the other end does not like about the handshake: crypto/tls gives its alerts no type that can be asked for.
		errors.As(err, &op) && op.Op == "remote error",
		strings.HasPrefix(innermost(err), "tls: "),
		// net/http makes this one of a RecordHeaderError and keeps its text alone.
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return CauseTLS, fmt.Sprintf("no secure connection to %s can be made (%s)", host, c.quote(innermost(err), 200))
	}
	return "", ""
}

// innermost is the text of the first error of a chain: what really happened,
// without addresses and operations.
func innermost(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF.Error()
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// proxyName is the proxy in messages, without its password.
func (c *conn) proxyName() string {
	if u, err := url.Parse(c.opts.Proxy); err == nil && u.Host != "" {
		return "the proxy " + u.Host
	}
	return "the proxy of the environment"
}

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}
