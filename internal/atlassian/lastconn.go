package atlassian

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// lastConn is the last connection that a request used. With TLS 1.3 a server refuses a client after
// the client's part of the handshake: the alert may come before or after the first request is sent.
// If it comes before, HTTP/2 of net/http drops the alert, but the connection keeps it.
type lastConn struct{ tls atomic.Pointer[tls.Conn] }

func (l *lastConn) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		conn, _ := info.Conn.(*tls.Conn)
		l.tls.Store(conn)
	}})
}

// reason returns why the request failed: the error of the connection if net/http says only that
// there is no connection. At that time nobody else reads from it.
func (l *lastConn) reason(err error) error {
	conn := l.tls.Load()
	if conn == nil || !strings.HasSuffix(err.Error(), "http2: client conn could not be established") {
		return err
	}
	_ = conn.SetReadDeadline(time.Unix(1, 0))
	if _, said := conn.Read(make([]byte, 1)); said != nil {
		return said
	}
	return err
}
