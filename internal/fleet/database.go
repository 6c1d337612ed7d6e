package fleet

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/redact"
)

// A database runs statements over a few connections.
//
// Each message is a transaction of its own. So a process that is stopped at any instant, or cut off,
// leaves no open transaction and no lock behind. Nothing is prepared, and a pooler may give each
// message another connection. Only an upgrade of the tables takes more than one message.
type database struct {
	config   *pgconn.Config
	password func() (string, error)
	secrets  *redact.Redactor
	idle     chan *pgconn.PgConn // as many as there may be connections; nil is one that is not open
	closed   chan struct{}
	start    string // see startOf

	statements atomic.Int64
	latency    atomic.Int64 // of the last statement that succeeded, a time.Duration
}

// application is the name that the connections have in the database's own lists.
const application = "confluence-audit"

func newDatabase(address string, password func() (string, error), connections int) (*database, error) {
	d := &database{password: password, secrets: secretsOf(address), idle: make(chan *pgconn.PgConn, connections), closed: make(chan struct{})}
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the address of the database: %w", d.safe(err))
	}
	d.secrets.Keep(config.User, config.Password)
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = application
	}
	// Whatever the encoding of the database is: pgconn can quote texts in UTF-8 only.
	config.RuntimeParams["client_encoding"] = "UTF8"
	d.config = config
	for range connections {
		d.idle <- nil
	}
	return d, nil
}

// do calls work with a connection. The limit is that of each step. A connection that others have cut
// while it was idle is replaced once, so work may be called twice, and must be harmless if the first
// call took effect.
func (d *database) do(ctx context.Context, limit time.Duration, work func(context.Context, *pgconn.PgConn) error) error {
	var conn *pgconn.PgConn
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case conn = <-d.idle:
	case <-d.closed:
		return errLeft
	case <-waiting.Done():
		return fmt.Errorf("wait for a connection: %w", waiting.Err())
	}
	defer func() {
		d.idle <- conn
		d.sweep()
	}()
	for {
		fresh := conn == nil
		if fresh {
			var err error
			if conn, err = d.connect(ctx, limit); err != nil {
				return err
			}
		}
		begin := time.Now()
		err := within(ctx, limit, conn, work)
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
func unusable(conn *pgconn.PgConn, err error) bool {
	return conn.IsClosed() || code(err) == readOnly // the next connection finds the primary
}

// within gives work a time of its own. If a server is so busy that connecting takes long, the
// statement still has a chance.
func within(ctx context.Context, limit time.Duration, conn *pgconn.PgConn, work func(context.Context, *pgconn.PgConn) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return work(ctx, conn)
}

func (d *database) connect(ctx context.Context, limit time.Duration) (*pgconn.PgConn, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	config := d.config.Copy()
	if d.password != nil {
		secret, err := d.password()
		if err != nil {
			return nil, &databaseError{text: fmt.Sprintf("read the password of the database: %v", err), remedy: "see db_password_file"}
		}
		d.secrets.Remember(config.User, secret)
		config.Password = secret
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
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
func closeNow(conn *pgconn.PgConn) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = conn.Close(ctx)
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
