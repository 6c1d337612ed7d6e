package atlassian

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// lastConn is the connection that a request was given last. With TLS 1.3 a server refuses a client
// after the client's part of the handshake is over: the alert may come before the first request is
// on the wire, or after it. In the first case HTTP/2 of net/http drops the alert, but the
// connection keeps it.
type lastConn struct{ tls atomic.Pointer[tls.Conn] }

func (l *lastConn) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		conn, _ := info.Conn.(*tls.Conn)
		l.tls.Store(conn)
	}})
}

// reason is why the request failed: the connection's own error where net/http says only that there
// is no connection. Nobody reads from it any more then.
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
