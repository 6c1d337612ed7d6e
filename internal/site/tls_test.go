package site_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"
)

// quietLog keeps intended handshake failures out of the output of tests.
var quietLog = log.New(io.Discard, "", 0)

// selfSigned makes a certificate that is its own authority.
func selfSigned(t *testing.T, host string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// useCertificate gives a running server a certificate that the client trusts.
func useCertificate(t *testing.T, c *Client, s *httptest.Server, host string, until time.Time) {
	t.Helper()
	certificate := selfSigned(t, host, until)
	s.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: []tls.Certificate{certificate}}, nil
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	transportOf(c).TLSClientConfig.RootCAs = pool
}

func pemFile(t *testing.T, certificate tls.Certificate) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func tlsServer(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.Config.ErrorLog = quietLog
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestCAFile(t *testing.T) {
	t.Parallel()
	var protocol string
	server := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		protocol = r.Proto
		fmt.Fprint(w, emptyPage)
	})
	ca := pemFile(t, tls.Certificate{Certificate: [][]byte{server.Certificate().Raw}})
	c := newClient(t, atlassian.Options{APIURL: server.URL, Deployment: atlassian.DeploymentCloud, CloudID: "x", CAFile: ca})
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if protocol != "HTTP/2.0" {
		t.Errorf("protocol %s", protocol)
	}
}

func TestSkipTLSVerify(t *testing.T) {
	t.Parallel()
	server := tlsServer(t, reply(200, emptyPage))
	logger, hook := logtest.NewNullLogger()
	c := newClient(t, atlassian.Options{APIURL: server.URL, Deployment: atlassian.DeploymentCloud, CloudID: "x",
		UserIdentifier: testUser, APIToken: atlassian.NewSecret(testToken), SkipTLSVerify: true, Log: logger})
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if e := hook.Entries[0]; e.Level != logrus.WarnLevel || !strings.Contains(e.Message, "tls_verify is off") {
		t.Errorf("first line of the log is %v %q", e.Level, e.Message)
	}
}

func TestCAFileMistakes(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, filepath.Join(t.TempDir(), "missing.pem")} {
		_, err := confluence.New(atlassian.Options{APIURL: "https://x.example", UserIdentifier: testUser, APIToken: atlassian.NewSecret("t"), CAFile: file})
		if err == nil || !strings.HasPrefix(err.Error(), "ca_file") {
			t.Errorf("%s: error %v", filepath.Base(file), err)
		}
	}
}

// A TLS alert of a server or middlebox is not reported as a broken connection.
func TestTLSAlerts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		server *tls.Config
		want   string
		remedy string
	}{
		"client certificate wanted":           {&tls.Config{ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"h2"}}, "tls: certificate required", "what answers wants a client certificate, mostly a proxy"},
		"client certificate wanted, TLS 1.2":  {&tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, "tls: handshake failure", "what answers wants a client certificate, or knows no cipher"},
		"client certificate wanted, HTTP/1.1": {&tls.Config{ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"http/1.1"}}, "tls: certificate required", "what answers wants a client certificate, mostly a proxy"},
		"old version":                         {&tls.Config{MaxVersion: tls.VersionTLS11}, "tls: protocol version not supported", "what answers knows no TLS 1.2"},
		"no common cipher": {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}},
			"tls: handshake failure", "what answers wants a client certificate, or knows no cipher"},
		"name that it does not serve": {&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, fmt.Errorf("not here")
		}}, "tls: internal error", "check that api_url is right"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate := selfSigned(t, "wiki.example.com", time.Now().Add(time.Hour))
			tt.server.Certificates = []tls.Certificate{certificate}
			address := refuseHandshakes(t, tt.server)
			c := newClient(t, atlassian.Options{APIURL: "https://wiki.example.com", Deployment: atlassian.DeploymentCloud, CloudID: "x", CAFile: pemFile(t, certificate)})
			transportOf(c).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", address)
			}
			err := read(t.Context(), c)
			refusal, ok := errors.AsType[*atlassian.Error](err)
			if !ok || refusal.Cause != atlassian.CauseTLS || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want the cause tls with %q", err, tt.want)
			}
			if ok && !strings.HasPrefix(refusal.Remedy, tt.remedy) {
				t.Errorf("remedy %q, want %q", refusal.Remedy, tt.remedy)
			}
		})
	}
}

// The alert may also come before the first request is sent.
func TestTLSAlertBeforeTheRequest(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			certificate := selfSigned(t, "wiki.example.com", time.Now().Add(time.Hour))
			address := refuseHandshakes(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert,
				NextProtos: []string{protocol}, Certificates: []tls.Certificate{certificate}})
			c := newClient(t, atlassian.Options{APIURL: "https://wiki.example.com", Deployment: atlassian.DeploymentCloud, CloudID: "x", CAFile: pemFile(t, certificate)})
			closed := make(chan struct{}, 100)
			transportOf(c).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
				return &closingConn{conn, sync.OnceFunc(func() { closed <- struct{}{} })}, err
			}
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { <-closed }})
			err := read(ctx, c)
			refusal, ok := errors.AsType[*atlassian.Error](err)
			if !ok || refusal.Cause != atlassian.CauseTLS || !strings.Contains(err.Error(), "tls: certificate required") {
				t.Errorf("error %v, want the cause tls with the alert", err)
			}
		})
	}
}

// closingConn tells when it is closed.
type closingConn struct {
	net.Conn
	closed func()
}

func (c *closingConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// refuseHandshakes is a server that sends an alert and then waits until the client closes: if the
// server closed at once, the alert might be lost.
func refuseHandshakes(t *testing.T, config *tls.Config) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return acceptEach(t, l, func(conn net.Conn) {
		if err := tls.Server(conn, config).Handshake(); err == nil {
			t.Error("the handshake was not refused")
		}
	})
}

// acceptEach calls begin for each connection to l, and then waits until the client closes it. It
// returns the address of l, which is closed with the test.
func acceptEach(t *testing.T, l net.Listener, begin func(net.Conn)) (address string) {
	t.Helper()
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				begin(conn)
				_, _ = io.Copy(io.Discard, conn)
			}()
		}
	}()
	return l.Addr().String()
}
