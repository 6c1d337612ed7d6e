package fleet

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A proxy stands between one member and the server, and does what networks do.
type proxy struct {
	listener net.Listener
	target   string
	database string
	sent     atomic.Int64 // bytes from the member
	answered atomic.Int64 // bytes to the member

	mu    sync.Mutex
	conns map[net.Conn]bool
	open  chan struct{} // closed when bytes may pass
	mute  bool          // answers are thrown away
	slow  time.Duration // each piece waits
	down  bool          // connections are refused
}

func proxied(t testing.TB, b base) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: b.server.Socket(), database: b.name, conns: make(map[net.Conn]bool), open: make(chan struct{})}
	close(p.open)
	t.Cleanup(func() { l.Close(); p.cut(); p.pass() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(in)
		}
	}()
	return p
}

func (p *proxy) url() string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", p.listener.Addr(), p.database)
}

func (p *proxy) serve(in net.Conn) {
	out, err := net.Dial("unix", p.target)
	if err != nil {
		in.Close()
		return
	}
	p.mu.Lock()
	if p.down {
		p.mu.Unlock()
		in.Close()
		out.Close()
		return
	}
	p.conns[in] = true
	p.mu.Unlock()
	// What the member has sent arrives, also when the member has gone meanwhile.
	go p.copy(out, in, &p.sent, false)
	p.copy(in, out, &p.answered, true)
}

func (p *proxy) copy(to, from net.Conn, count *atomic.Int64, answers bool) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		open, slow, mute := p.open, p.slow, p.mute && answers
		p.mu.Unlock()
		<-open
		if slow > 0 {
			<-time.After(slow)
		}
		if n > 0 && !mute {
			count.Add(int64(n))
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				from.Close()
			}
			return
		}
	}
}

func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// block lets nothing through, in neither direction, and keeps it.
func (p *proxy) block() { p.set(func() { p.open = make(chan struct{}) }) }

// pass lets everything through again.
func (p *proxy) pass() {
	p.set(func() {
		p.mute, p.slow, p.down = false, 0, false
		select {
		case <-p.open:
		default:
			close(p.open)
		}
	})
}

// deafen lets everything through to the server, and nothing back.
func (p *proxy) deafen() { p.set(func() { p.mute = true }) }

// cut ends all connections. New ones may be made.
func (p *proxy) cut() {
	p.set(func() {
		for c := range p.conns {
			c.Close()
		}
		clear(p.conns)
	})
}

// unplug cuts, and refuses connections.
func (p *proxy) unplug() {
	p.set(func() { p.down = true })
	p.cut()
}
