package fleet

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/redact/leak"
	"fluent-bit-confluence/test/postgres"
)

// An authority signs certificates.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string // for sslrootcert
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	a := authority{t: t, file: filepath.Join(t.TempDir(), name+".pem")}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err == nil {
		a.certificate, err = x509.ParseCertificate(made)
	}
	if err == nil {
		err = os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sign returns a certificate for an address, and its key.
func (a authority) sign(host string) (certificate, key []byte) {
	a.t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.ParseIP(host)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.certificate, &own.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(own)
	if err != nil {
		a.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text})
}

// The connection is encrypted, and the server is the one that the address names, or there is none.
// What is wrong is told, with what to do, and without the password.
func TestTLS(t *testing.T) {
	t.Parallel()
	const secret = leak.LongToken
	server := postgres.Start(t)
	trusted, foreign := newAuthority(t, "trusted"), newAuthority(t, "foreign")
	if err := server.Encrypt(trusted.sign(server.Host())); err != nil {
		t.Fatal(err)
	}
	statements := fmt.Sprintf("create user me password '%s'; grant create on database postgres to me", secret)
	if _, err := server.Query("postgres", statements); err != nil {
		t.Fatal(err)
	}
	join := func(password, parameters string) error {
		var lines bytes.Buffer
		log := logrus.New()
		log.SetOutput(&lines)
		m, err := Join(t.Context(), Options{
			URL: fmt.Sprintf("postgres://me@%s/postgres?%s", server.Host(), parameters), Log: log, Password: func() (string, error) { return password, nil },
		})
		if err == nil {
			defer func() { _ = m.Leave(t.Context()) }()
			out, err := server.Query("postgres", "select count(*) > 0, bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'me'")
			if out != "t|t\n" || err != nil {
				t.Errorf("%s: encrypted: %s%v", parameters, out, err)
			}
		} else {
			lines.WriteString(Explained(err).Error())
		}
		if found := leak.Find(lines.String(), password); found != "" {
			t.Errorf("%s: %q has %q", parameters, lines.String(), found)
		}
		return err
	}
	if err := join(secret, "sslmode=verify-full&sslrootcert="+trusted.file); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ password, parameters, want, remedy string }{
		"another authority": {secret, "sslmode=verify-full&sslrootcert=" + foreign.file, "certificate signed by unknown authority", "let sslrootcert in db name a file with the authority"},
		"no authority":      {secret, "sslmode=verify-full", "certificate signed by unknown authority", "let sslrootcert in db name a file with the authority"},
		"no such file":      {secret, "sslmode=verify-full&sslrootcert=/nowhere.pem", "/nowhere.pem", "see the files that db names, such as sslrootcert"},
		"a wrong password":  {secret + "x", "sslmode=verify-full&sslrootcert=" + trusted.file, "SQLSTATE 28P01", "see the user in db, and the password"},
		"no encryption":     {secret, "sslmode=disable", "SQLSTATE 28000", "with and without TLS"},
	} {
		err := join(tt.password, tt.parameters)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(Remedy(err), tt.remedy) {
			t.Errorf("%s: %v; %s\nwant %q and %q", name, err, Remedy(err), tt.want, tt.remedy)
		}
	}
	// With a certificate for another host the server may be anybody's.
	if err := server.Encrypt(trusted.sign("192.0.2.1")); err != nil {
		t.Fatal(err)
	}
	err := join(secret, "sslmode=verify-full&sslrootcert="+trusted.file)
	if err == nil || !strings.Contains(Remedy(err), "let db have the host name that the certificate of the server is for") {
		t.Errorf("a certificate for another host: %v; %s", err, Remedy(err))
	}
}
