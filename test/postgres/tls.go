package postgres

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Encrypt lets the server also listen on an address of loopback that is its own, with TLS only and
// with passwords. Certificate and key are in PEM, for the host that Host returns.
func (s *Server) Encrypt(certificate, key []byte) error {
	for name, content := range map[string][]byte{
		"server.crt": certificate, "server.key": key, "pg_hba.conf": []byte("local all all trust\nhostssl all all all scram-sha-256\n"),
	} {
		path := filepath.Join(s.data(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
		if s.credential != nil {
			if err := os.Chown(path, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
				return err
			}
		}
	}
	s.End()
	s.listen = s.Host()
	return s.Begin()
}

// Host returns the address of an encrypted server. Its port is 5432.
func (s *Server) Host() string {
	if s.host == "" {
		s.host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(200), rand.IntN(250), 2+rand.IntN(250))
	}
	return s.host
}
