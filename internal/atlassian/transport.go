package atlassian

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// maxRedirects bounds the redirects of one request, which stay within its own host.
const maxRedirects = 5

// newHTTPClient builds the HTTP client that sends all requests.
func newHTTPClient(o Options) (*http.Client, error) {
	proxy, err := proxyFunc(o.Proxy)
	if err != nil {
		return nil, err
	}
	roots, err := certPool(o.CAFile)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: refusedByProxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, InsecureSkipVerify: o.SkipTLSVerify},
		TLSHandshakeTimeout:    30 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    17, // one for polls, and one for each of the most backfill_requests
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
	client := &http.Client{Transport: transport, CheckRedirect: withinHost}
	if o.Transport != nil {
		client.Transport = o.Transport(transport)
	}
	return client, nil
}

// withinHost follows redirects only to the same scheme and host, because the credential may go
// nowhere else. Any other redirect is returned as the answer.
func withinHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > maxRedirects || next.URL.Scheme != first.Scheme || canonicalHost(next.URL) != canonicalHost(first) {
		return http.ErrUseLastResponse
	}
	if next.Context().Value(noRedirects{}) != nil {
		return http.ErrUseLastResponse
	}
	return nil
}

// noRedirects marks the context of a request whose redirects are not followed.
type noRedirects struct{}

// proxyError is the refusal of a proxy to connect.
type proxyError struct {
	status string
	said   string // may still hold secrets
}

func (e *proxyError) Error() string { return "proxy: " + e.status }

func refusedByProxy(ctx context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	refusal := &proxyError{status: fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	page := make(chan []byte, 1)
	go func() { // ends at the latest when the transport closes the connection, which is next
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		page <- body
	}()
	select {
	case body := <-page:
		refusal.said = Words(&Answer{Header: resp.Header, Body: body})
	case <-ctx.Done():
	case <-time.After(proxyPageTime):
	}
	return refusal
}

// proxyPageTime is how long to wait for the body of a refusal by a proxy.
const proxyPageTime = 2 * time.Second

// proxyPasswords returns the users and passwords of the proxies that may be used.
func proxyPasswords(proxy string) []*url.Userinfo {
	environment := httpproxy.FromEnvironment()
	var found []*url.Userinfo
	for _, address := range []string{proxy, environment.HTTPProxy, environment.HTTPSProxy} {
		if u, err := url.Parse(address); err == nil && u.User != nil {
			found = append(found, u.User)
		}
	}
	return found
}

// proxyFunc returns a function that chooses the proxy of a request: the one given, else that of
// HTTPS_PROXY or HTTP_PROXY. NO_PROXY applies to both.
func proxyFunc(proxy string) (func(*http.Request) (*url.URL, error), error) {
	if proxy == "" {
		return http.ProxyFromEnvironment, nil
	}
	u, err := url.Parse(proxy)
	// The message leaves the value out: it may hold a password.
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, errors.New("proxy: want http://host:port, https://host:port or socks5://host:port, with user:password@ before the host if needed")
	}
	rules := httpproxy.FromEnvironment()
	rules.HTTPProxy, rules.HTTPSProxy, rules.CGI = proxy, proxy, false
	choose := rules.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) {
		if isLoopback(r.URL.Hostname()) {
			return u, nil // the rules use no proxy for loopback, but here one is set on purpose
		}
		return choose(r.URL)
	}, nil
}

// certPool returns the system's authorities and those of a PEM file. Without a file it returns nil,
// which means the system's.
func certPool(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file %s: holds no PEM certificate", file)
	}
	return pool, nil
}

func defaultUserAgent() string {
	version := "dev"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		version = info.Main.Version
	}
	return "fluent-bit-confluence/" + version + " (+audit log collector)"
}
