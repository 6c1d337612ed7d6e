package recipes

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// cloudHosts are the hosts of services in the recipes. No test connects to them: an HTTP proxy on
// loopback answers for them, with certificates of the test's own authority.
var cloudHosts = []string{
	"login.microsoftonline.com", "audit-x1.westeurope-1.ingest.monitor.azure.com", "oauth2.googleapis.com", "malachiteingestion-pa.googleapis.com",
	"http-intake.logs.datadoghq.com", "s3.eu-west-1.amazonaws.com", "audit-bucket.s3.eu-west-1.amazonaws.com",
}

// authority is a certificate authority and one certificate for all servers of the tests.
type authority struct {
	pem      []byte
	cert     tls.Certificate
	certPEM  []byte
	keyPEM   []byte
	problems error
}

var authorityOf = sync.OnceValue(func() *authority {
	a := &authority{}
	a.problems = a.create()
	return a
})

func (a *authority) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	day := 24 * time.Hour
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: append([]string{"localhost"}, cloudHosts...), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	a.pem, a.certPEM, a.keyPEM = block("CERTIFICATE", rootDER), block("CERTIFICATE", leafDER), block("PRIVATE KEY", keyDER)
	a.cert, err = tls.X509KeyPair(a.certPEM, a.keyPEM)
	return err
}

// files writes ca.pem, cert.pem and key.pem into a folder of the test.
func (a *authority) files(t *testing.T) (ca, cert, key string) {
	t.Helper()
	if a.problems != nil {
		t.Fatal(a.problems)
	}
	dir := t.TempDir()
	ca, cert, key = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, text := range map[string][]byte{ca: a.pem, cert: a.certPEM, key: a.keyPEM} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ca, cert, key
}

// trusted returns the beginning of a command line: the rest of it runs in a mount namespace in
// which the system trusts only this authority. Outputs for cloud services have no setting for
// another authority. Without mount namespaces the test is skipped.
func (a *authority) trusted(t *testing.T) []string {
	t.Helper()
	certs := t.TempDir()
	if err := os.WriteFile(filepath.Join(certs, "ca-bundle.crt"), a.pem, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, unshare := range [][]string{{"unshare", "--mount"}, {"unshare", "--user", "--map-root-user", "--mount"}} {
		command := append(unshare, "sh", "-c", `mount --bind "$0" /etc/ssl/certs && exec "$@"`, certs)
		if exec.Command(command[0], append(command[1:], "true")...).Run() == nil {
			return command
		}
	}
	t.Skip("SKIPPED: no mount namespace can be made here, so the test's authority cannot stand in for those of the system")
	return nil
}

// serve starts a server with TLS on loopback.
func serve(t *testing.T, handler http.HandlerFunc) (host, port string) {
	t.Helper()
	a := authorityOf()
	if a.problems != nil {
		t.Fatal(a.problems)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{a.cert}}
	server.StartTLS()
	t.Cleanup(server.Close)
	host, port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return host, port
}

// own serves the handler, and returns the settings of a recipe for an operator's own server.
func own(t *testing.T, prefix string, handler http.HandlerFunc) map[string]string {
	t.Helper()
	host, port := serve(t, handler)
	ca, _, _ := authorityOf().files(t)
	return map[string]string{prefix + "_HOST": host, prefix + "_PORT": port, "CA_FILE": ca}
}

// cloud returns the settings with which the handler answers for every host.
func (r *recipe) cloud(handler http.HandlerFunc) map[string]string {
	r.Helper()
	host, port := serve(r.T, handler)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
			return
		}
		tunnel(w, net.JoinHostPort(host, port))
	}))
	r.Cleanup(proxy.Close)
	r.trust = true
	// The outputs for Amazon do not start if the address from which EC2 machines get credentials is
	// behind a proxy.
	return map[string]string{"HTTP_PROXY": proxy.URL, "NO_PROXY": "169.254.169.254"}
}

// tunnel joins the connection of a CONNECT request and a new one to address.
func tunnel(w http.ResponseWriter, address string) {
	out, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer out.Close()
	in, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer in.Close()
	if _, err := in.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(out, buffered)
		_ = out.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(in, out)
}

// body reads a request, compressed or not.
func (a *arrivals) body(req *http.Request) []byte {
	text, err := io.ReadAll(req.Body)
	if err == nil && req.Header.Get("Content-Encoding") == "gzip" {
		var reader *gzip.Reader
		if reader, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(reader)
		}
	}
	if err != nil {
		a.mistake("read %s: %v", req.URL, err)
	}
	return text
}
