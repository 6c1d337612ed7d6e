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

// maxRedirects bounds how often one request is sent on within its own host.
const maxRedirects = 5

// newHTTPClient builds the one client that all requests go through.
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
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
	client := &http.Client{Transport: transport, CheckRedirect: withinHost}
	if o.Transport != nil {
		client.Transport = o.Transport(transport)
	}
	return client, nil
}

// withinHost follows redirects only where the credential may go: to the very scheme and host that
// was asked. Any other answer is handed back as it is.
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

// noRedirects marks the context of a request that must not be sent on at all.
type noRedirects struct{}

// proxyError is a proxy's refusal to connect us.
type proxyError struct {
	status string
	said   string // not yet without secrets
}

func (e *proxyError) Error() string { return "proxy: " + e.status }

func refusedByProxy(ctx context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	refusal := &proxyError{status: fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	page := make(chan []byte, 1)
	go func() { // ends at the latest when the transport closes the connection, which it does next
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

// proxyPageTime is how long a proxy that refuses us may take to explain itself.
const proxyPageTime = 2 * time.Second

// proxyPasswords are the users and passwords of the proxies that may be used.
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

// proxyFunc chooses the proxy of a request: the one given, else what HTTPS_PROXY and HTTP_PROXY
// say. NO_PROXY counts in both cases.
func proxyFunc(proxy string) (func(*http.Request) (*url.URL, error), error) {
	if proxy == "" {
		return http.ProxyFromEnvironment, nil
	}
	u, err := url.Parse(proxy)
	// Messages leave the value out: it may hold a password.
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, errors.New("proxy: want http://host:port, https://host:port or socks5://host:port, with user:password@ before the host if needed")
	}
	rules := httpproxy.FromEnvironment()
	rules.HTTPProxy, rules.HTTPSProxy, rules.CGI = proxy, proxy, false
	choose := rules.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) {
		if isLoopback(r.URL.Hostname()) {
			return u, nil // the rules never use a proxy for it, but here one is set on purpose
		}
		return choose(r.URL)
	}, nil
}

// certPool returns the system's authorities and those of a PEM file, or nil, which means the
// system's, without a file.
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
