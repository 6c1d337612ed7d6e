package fleet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A databaseError is the error of a driver or a server, without secrets. It does not unwrap to the
// original one, whose text may have them.
type databaseError struct {
	text   string
	code   string // SQLSTATE, if a server sent it
	remedy string
	cause  error // of the context, or nil
}

func (e *databaseError) Error() string { return e.text }
func (e *databaseError) Unwrap() error { return e.cause }

// SQLSTATEs, see appendix A of the manual of PostgreSQL.
const (
	noPrivilege   = "42501"
	noSchema      = "3F000"
	noTable       = "42P01"
	noDatabase    = "3D000"
	wrongPassword = "28P01"
	notLetIn      = "28" // and all others of this class
	noResources   = "53" // the same: connections, memory, disk
	diskFull      = "53100"
	shuttingDown  = "57P"   // the same
	readOnly      = "25006" // the server has become a standby
)

// code returns the SQLSTATE of an error, empty if a server did not send it.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*databaseError](err); ok {
		return e.code
	}
	return ""
}

// NoTables reports whether the database answers, and has no tables yet.
func NoTables(err error) bool { return slices.Contains([]string{noSchema, noTable}, code(err)) }

// Remedy returns what to do about an error of this package, empty if its text says so or nothing is
// known.
func Remedy(err error) string {
	if e, ok := errors.AsType[*databaseError](err); ok {
		return e.remedy
	}
	return ""
}

// Explained adds to an error what to do about it.
func Explained(err error) error {
	if remedy := Remedy(err); remedy != "" {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	return err
}

// quoted returns the text of an error without secrets.
func (d *database) quoted(err error) string {
	const enough = 500
	return d.secrets.Quote(err.Error(), enough)
}

// safe returns an error of the driver without secrets.
func (d *database) safe(err error) error {
	if err == nil {
		return nil
	}
	if own := (*databaseError)(nil); errors.As(err, &own) {
		return err
	}
	e := &databaseError{text: d.quoted(err), code: code(err), remedy: remedyFor(err)}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			e.cause = cause
		}
	}
	return e
}

// remedyFor returns what to do about an error of the driver.
func remedyFor(err error) string {
	if c := code(err); c != "" {
		return remedyForCode(c)
	}
	if remedy := remedyForTLS(err); remedy != "" {
		return remedy
	}
	switch _, file := errors.AsType[*fs.PathError](err); {
	case file:
		return "see the files that db names, such as sslrootcert: Fluent Bit's user must be able to read them"
	case errors.Is(err, context.Canceled):
		return ""
	}
	if _, address := errors.AsType[*pgconn.ParseConfigError](err); address {
		return "write postgres://user@host:5432/database?sslmode=verify-full"
	}
	return "see whether the server runs, host and port in db, and what lies in between"
}

func remedyForCode(code string) string {
	is := func(class string) bool { return strings.HasPrefix(code, class) }
	switch {
	case is(wrongPassword):
		return "see the user in db, and the password in db_password_file, PGPASSWORD or PGPASSFILE"
	case is(notLetIn):
		return "see the user in db, and which users pg_hba.conf of the server lets in from here, with and without TLS"
	case is(noDatabase):
		return "make the database, or name another in db"
	case is(noPrivilege):
		return "let an administrator of the database run what `confluence-audit db schema` prints, with the GRANT lines at its end"
	case is(diskFull):
		return "free space on the disk of the database"
	case is(noResources):
		return "let the server take more connections: each process has at most 5"
	case is(shuttingDown):
		return "wait until the server has started again"
	case is(readOnly):
		return "let db lead to the server that can write: see target_session_attrs"
	}
	return "see the log of the server"
}

// remedyForTLS returns what to do about a connection that cannot be encrypted as sslmode asks for,
// empty if that is not what is wrong.
func remedyForTLS(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "let sslrootcert in db name a file with the authority that has signed the certificate of the server"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "let db have the host name that the certificate of the server is for, or give the server a certificate for this one"
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, other := errors.AsType[tls.RecordHeaderError](err)
	// The driver has no type for a server without TLS.
	if certificate || alert || other || strings.Contains(err.Error(), "server refused TLS connection") {
		return "see sslmode and sslrootcert in db, and whether the server has TLS and a valid certificate"
	}
	return ""
}
