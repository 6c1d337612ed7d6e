package atlassian

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

// networkError finds the cause of a request without a whole answer. If the caller gave up, the
// error is that of the caller's context.
func (c *Client) networkError(caller context.Context, host string, err error) error {
	if caller.Err() != nil {
		return fmt.Errorf("ask %s: %w", host, context.Cause(caller))
	}
	cause, message := c.networkCause(host, err)
	failure := Fail(cause, scrubbed{c.redact.Redact(err.Error(), true), err}, "%s", message)
	if refused, ok := errors.AsType[*proxyError](err); ok {
		failure.Said = c.Quote(refused.said, MaxSaid)
	}
	if remedy := alertRemedy(err); cause == CauseTLS && remedy != "" {
		return failure.WithRemedy(remedy)
	}
	return failure
}

// alertRemedy returns the remedy for a TLS alert that may mean a missing client certificate: before
// TLS 1.3 there is no separate alert for that.
func alertRemedy(err error) string {
	const none = "this program has none, so let its requests through without one"
	switch alert := innermost(err); {
	case strings.Contains(alert, "certificate required"), strings.Contains(alert, "bad certificate"):
		return "what answers wants a client certificate, mostly a proxy or load balancer in front: " + none
	case strings.Contains(alert, "handshake failure"):
		return "what answers wants a client certificate, or knows no cipher of TLS 1.2 or later: " + none + ", or renew its TLS"
	case strings.Contains(alert, "protocol version"):
		return "what answers knows no TLS 1.2: let it speak 1.2 or later"
	}
	return ""
}

func (c *Client) networkCause(host string, err error) (Cause, string) {
	if refused, ok := errors.AsType[*proxyError](err); ok {
		return CauseProxy, fmt.Sprintf("%s refuses to connect: %s", c.proxyName(), refused.status)
	}
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")) {
		return CauseProxy, fmt.Sprintf("%s cannot be used: %s", c.proxyName(), c.Quote(innermost(err), 200))
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return CauseDNS, fmt.Sprintf("the host name %s cannot be found", hostname(host))
	}
	if cause, message := c.tlsCause(host, err); cause != "" {
		return cause, message
	}
	// net/http has no type for it
	if strings.Contains(err.Error(), "failed to parse Location header") {
		return CauseRedirect, fmt.Sprintf("%s redirects to an address that cannot be read", host)
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()) {
		return CauseTimeout, fmt.Sprintf("%s did not answer within %v", host, c.Options.Timeout)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return CauseRefused, fmt.Sprintf("%s refuses the connection", host)
	}
	return CauseNetwork, fmt.Sprintf("the connection to %s broke (%s)", host, c.Quote(innermost(err), 200))
}

func (c *Client) tlsCause(host string, err error) (Cause, string) {
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
		// An alert from the other end of the handshake: crypto/tls exports no type for it.
		errors.As(err, &op) && op.Op == "remote error",
		strings.HasPrefix(innermost(err), "tls: "),
		// net/http makes this of a RecordHeaderError and keeps only the text.
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return CauseTLS, fmt.Sprintf("no secure connection to %s can be made (%s)", host, c.Quote(innermost(err), 200))
	}
	return "", ""
}

// innermost returns the text of the last error of a chain: what happened, without addresses and
// operations.
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

// proxyName returns the proxy for messages, without its password.
func (c *Client) proxyName() string {
	if u, err := url.Parse(c.Options.Proxy); err == nil && u.Host != "" {
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
