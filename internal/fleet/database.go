package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/redact"
)

// A database runs statements over a few connections.
//
// Every statement is a transaction of its own, sent as one message of the simple protocol. So a
// process that is stopped at any instant, or cut off, leaves no open transaction and no lock behind.
// Nothing is prepared, and a pooler may give each statement another connection.
type database struct {
	config   *pgx.ConnConfig
	password func() (string, error)
	secrets  *redact.Redactor
	idle     chan *pgx.Conn // as many as there may be connections; nil is one that is not open
	closed   chan struct{}
	start    string // see startOf

	statements atomic.Int64
	latency    atomic.Int64 // of the last statement that succeeded, a time.Duration
}

// application is the name that the connections have in the database's own lists.
const application = "confluence-audit"

func newDatabase(address string, password func() (string, error), connections int) (*database, error) {
	d := &database{password: password, secrets: secretsOf(address), idle: make(chan *pgx.Conn, connections), closed: make(chan struct{})}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the address of the database: %w; write postgres://user@host:5432/database?sslmode=verify-full", d.safe(err))
	}
	d.secrets.Keep(config.User, config.Password)
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = application
	}
	d.config = config
	for range connections {
		d.idle <- nil
	}
	return d, nil
}

// do calls work with a connection. A connection that others have cut while it was idle is replaced
// once, so work may be called twice, and must be harmless if the first call took effect.
func (d *database) do(ctx context.Context, limit time.Duration, work func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var conn *pgx.Conn
	select {
	case conn = <-d.idle:
	case <-d.closed:
		return errLeft
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", ctx.Err())
	}
	defer func() {
		d.idle <- conn
		d.sweep()
	}()
	for {
		fresh := conn == nil
		if fresh {
			var err error
			if conn, err = d.connect(ctx); err != nil {
				return err
			}
		}
		begin := time.Now()
		err := work(ctx, conn)
		d.statements.Add(1)
		if err == nil {
			d.latency.Store(int64(time.Since(begin)))
			return nil
		}
		if unusable(conn, err) {
			closeNow(conn)
			conn = nil
			if !fresh && ctx.Err() == nil {
				continue
			}
		}
		return d.safe(err)
	}
}

// unusable reports whether the connection leads to no server that can write.
func unusable(conn *pgx.Conn, err error) bool {
	const readOnly = "25006" // the server has become a standby: the next connection finds the primary
	return conn.IsClosed() || code(err) == readOnly
}

func (d *database) connect(ctx context.Context) (*pgx.Conn, error) {
	config := d.config.Copy()
	if d.password != nil {
		secret, err := d.password()
		if err != nil {
			return nil, fmt.Errorf("read the password of the database: %w", err)
		}
		d.secrets.Remember(config.User, secret)
		config.Password = secret
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", d.safe(err))
	}
	return conn, nil
}

// close closes the connections: those that are in use afterwards.
func (d *database) close() {
	close(d.closed)
	d.sweep()
}

// sweep closes the connections that are not in use, once the database is closed.
func (d *database) sweep() {
	select {
	case <-d.closed:
	default:
		return
	}
	for {
		select {
		case conn := <-d.idle:
			if conn != nil {
				closeNow(conn)
			}
		default:
			return
		}
	}
}

// closeNow closes a connection without waiting for the server.
func closeNow(conn *pgx.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = conn.Close(ctx)
}

// A databaseError is the error of a driver or a server, without secrets. It does not unwrap to the
// original one, whose text may have them.
type databaseError struct {
	text, code string
	cause      error // of the context, or nil
}

func (e *databaseError) Error() string { return e.text }
func (e *databaseError) Unwrap() error { return e.cause }

// safe returns err without secrets.
func (d *database) safe(err error) error {
	const enough = 500
	if err == nil {
		return nil
	}
	if own := (*databaseError)(nil); errors.As(err, &own) {
		return err
	}
	e := &databaseError{text: d.secrets.Quote(err.Error(), enough), code: code(err)}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			e.cause = cause
		}
	}
	return e
}

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

var passwordKey = regexp.MustCompile(`(?i)password\s*=\s*('[^']*'|[^\s&]+)`)

// secretsOf finds what may be a password in an address, also in one that cannot be parsed.
func secretsOf(address string) *redact.Redactor {
	r := new(redact.Redactor)
	keep := func(text string) {
		r.Keep("", text)
		if plain, err := url.QueryUnescape(text); err == nil && plain != text {
			r.Keep("", plain)
		}
		if plain, err := url.PathUnescape(text); err == nil && plain != text {
			r.Keep("", plain)
		}
	}
	for _, found := range passwordKey.FindAllStringSubmatch(address, -1) {
		keep(strings.Trim(found[1], "'"))
	}
	_, rest, _ := strings.Cut(address, "://")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		if _, password, ok := strings.Cut(rest[:at], ":"); ok {
			keep(password)
		}
	}
	return r
}
