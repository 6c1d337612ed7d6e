package site_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
)

// A redirect is followed only within the same scheme and host.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	tests := []struct {
		name, location string
		want           atlassian.Cause
	}{
		{"same host", "/moved/rest/api/audit", ""},
		{"other host", other.URL + "/wiki/rest/api/audit", atlassian.CauseRedirect},
		{"other port", strings.Replace(other.URL, "127.0.0.1", "localhost", 1), atlassian.CauseRedirect},
		{"other scheme", "https://SAME/wiki/rest/api/audit", atlassian.CauseRedirect},
		{"login page", "https://id.atlassian.com/login?continue=x", atlassian.CauseLoginPage},
		{"single sign-on", "https://sso.example.com/saml2", atlassian.CauseLoginPage},
		{"in circles", "/wiki/rest/api/audit", atlassian.CauseRedirect},
		{"nowhere", "", atlassian.CauseRedirect},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := cloudClient(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/moved") {
					accepting(basicAuth)(w, r)
					return
				}
				reply(307, "", "Location", strings.Replace(tt.location, "SAME", r.Host, 1))(w, r)
			}, atlassian.Options{})
			if err := read(t.Context(), c); atlassian.CauseOf(err) != tt.want {
				t.Errorf("error %v, want cause %q", err, tt.want)
			}
		})
	}
	t.Cleanup(func() {
		if n := elsewhere.Load(); n != 0 {
			t.Errorf("%d requests to another host", n)
		}
	})
}

func TestProxies(t *testing.T) {
	t.Parallel()
	target := tlsServer(t, reply(200, emptyPage))
	plain := serve(t, reply(200, emptyPage))

	var seen atomic.Value
	httpProxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Get("Proxy-Authorization"))
		if r.Method != http.MethodConnect {
			if r.Header.Get("Proxy-Authorization") == "" {
				w.WriteHeader(407)
				return
			}
			fmt.Fprint(w, emptyPage)
			return
		}
		tunnel(w, target.Listener.Addr().String())
	})
	withUser := func(raw, scheme string) string {
		u, _ := url.Parse(raw)
		u.Scheme, u.User = scheme, url.UserPassword("proxy-user", "proxy-pass")
		return u.String()
	}
	client := func(t *testing.T, api, proxy string) *Client {
		c := newClient(t, atlassian.Options{APIURL: api, Deployment: atlassian.DeploymentCloud, Route: atlassian.RouteSite, CloudID: "x", AllowHTTP: true, Proxy: proxy})
		transportOf(c).TLSClientConfig.RootCAs = target.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		return c
	}

	t.Run("http proxy, https target", func(t *testing.T) {
		if err := read(t.Context(), client(t, "https://example.com", withUser(httpProxy.URL, "http"))); err != nil {
			t.Fatal(err)
		}
		if got := seen.Load(); got != "Basic cHJveHktdXNlcjpwcm94eS1wYXNz" {
			t.Errorf("Proxy-Authorization %q", got)
		}
	})
	t.Run("http proxy, http target", func(t *testing.T) {
		if err := read(t.Context(), client(t, "http://wiki.example.com", withUser(httpProxy.URL, "http"))); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("http proxy without password, http target", func(t *testing.T) {
		if err := read(t.Context(), client(t, "http://wiki.example.com", httpProxy.URL)); atlassian.CauseOf(err) != atlassian.CauseProxy {
			t.Errorf("error %v", err)
		}
	})
	t.Run("socks5 with password", func(t *testing.T) {
		address := socks5(t, "proxy-user", "proxy-pass", plain.Listener.Addr().String())
		if err := read(t.Context(), client(t, "http://wiki.example.com", "socks5://proxy-user:proxy-pass@"+address)); err != nil {
			t.Fatal(err)
		}
		if err := read(t.Context(), client(t, "http://wiki.example.com", "socks5://proxy-user:wr0ng@"+address)); atlassian.CauseOf(err) != atlassian.CauseProxy || strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("wrong password: error %v", err)
		}
	})
	t.Run("proxy is down", func(t *testing.T) {
		down := httptest.NewServer(nil)
		down.Close()
		err := read(t.Context(), client(t, "https://example.com", withUser(down.URL, "http")))
		if atlassian.CauseOf(err) != atlassian.CauseProxy || !strings.Contains(err.Error(), "cannot be used: connection refused") {
			t.Errorf("error %v", err)
		}
	})
}

func tunnel(w http.ResponseWriter, address string) {
	upstream, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		w.WriteHeader(502)
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
	join(conn, upstream)
}

func join(a, b net.Conn) {
	go func() { _, _ = io.Copy(a, b); _ = a.Close() }()
	go func() { _, _ = io.Copy(b, a); _ = b.Close() }()
}

// socks5 is a proxy (RFC 1928, 1929) that connects every client to one address.
func socks5(t *testing.T, user, password, target string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	serve := func(conn net.Conn) {
		in := bufio.NewReader(conn)
		take := func(n int) []byte { b := make([]byte, n); _, _ = io.ReadFull(in, b); return b }
		take(int(take(2)[1]))
		_, _ = conn.Write([]byte{5, 2})
		gotUser := string(take(int(take(2)[1])))
		gotPassword := string(take(int(take(1)[0])))
		if gotUser != user || gotPassword != password {
			_, _ = conn.Write([]byte{1, 1})
			_ = conn.Close()
			return
		}
		_, _ = conn.Write([]byte{1, 0})
		take(int(take(5)[4]) + 2) // request for a host name and its port
		upstream, err := net.Dial("tcp", target)
		if err != nil {
			_ = conn.Close()
			return
		}
		_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		go func() { _, _ = io.Copy(upstream, in); _ = upstream.Close() }()
		go func() { _, _ = io.Copy(conn, upstream); _ = conn.Close() }()
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return listener.Addr().String()
}
