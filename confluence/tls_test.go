package confluence

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"
)

// quietLog keeps failed handshakes that tests want out of their output.
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
	pool, err := certPool(pemFile(t, certificate))
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport.(*http.Transport).TLSClientConfig.RootCAs = pool
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
	c := newClient(t, Options{APIURL: server.URL, Deployment: DeploymentCloud, CloudID: "x", CAFile: ca})
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if protocol != "HTTP/2.0" {
		t.Errorf("protocol %s", protocol)
	}
}

func TestTLSVerifyOff(t *testing.T) {
	t.Parallel()
	server := tlsServer(t, reply(200, emptyPage))
	logger, hook := logtest.NewNullLogger()
	c, err := New(Options{APIURL: server.URL, Deployment: DeploymentCloud, CloudID: "x",
		UserIdentifier: testUser, APIToken: NewSecret(testToken), TLSVerify: false, Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
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
		_, err := New(Options{APIURL: "https://x.example", UserIdentifier: testUser, APIToken: NewSecret("t"), CAFile: file})
		if err == nil || !strings.HasPrefix(err.Error(), "ca_file") {
			t.Errorf("%s: error %v", filepath.Base(file), err)
		}
	}
}

// An alert of the other side is about TLS, whatever Go makes of it: here the
// server wants a certificate of ours.
func TestTLSAlert(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(reply(200, emptyPage))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = quietLog
	server.StartTLS()
	t.Cleanup(server.Close)
	c, err := New(Options{APIURL: server.URL, Deployment: DeploymentDataCenter, UserIdentifier: "bob", APIToken: NewSecret(testToken)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Connect(t.Context()); causeOf(err) != CauseTLS {
		t.Errorf("error %v", err)
	}
}
