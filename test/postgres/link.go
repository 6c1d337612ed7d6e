package postgres

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A Weather is what a Link does to what passes.
type Weather int

const (
	// Clear lets all pass.
	Clear Weather = iota
	// Cut ends all connections, and refuses new ones.
	Cut
	// Hole lets nothing through, and ends nothing. What was sent meanwhile arrives afterwards, as from
	// a network that sends again: also what a client has given up.
	Hole
	// Slow lets each piece wait.
	Slow
)

// slowness is how long each piece waits.
const slowness = 150 * time.Millisecond

// A Link is one client's way to a server, on a port of loopback. It does what networks do.
type Link struct {
	listener net.Listener
	server   *Server

	mu      sync.Mutex
	weather Weather
	changed chan struct{} // closed when the weather changes
	conns   map[net.Conn]bool
}

// NewLink opens a way to the server, also to one that does not run.
func (s *Server) NewLink() (*Link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Link{listener: listener, server: s, changed: make(chan struct{}), conns: make(map[net.Conn]bool)}
	go l.accept()
	return l, nil
}

// Addr returns host and port of the client's end.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Be changes the weather.
func (l *Link) Be(w Weather) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.weather = w
	close(l.changed)
	l.changed = make(chan struct{})
	if w == Cut {
		for c := range l.conns {
			_ = c.Close()
		}
	}
}

// Close ends the link and its connections.
func (l *Link) Close() error {
	l.Be(Cut)
	return l.listener.Close()
}

func (l *Link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.serve(client)
	}
}

func (l *Link) serve(client net.Conn) {
	defer client.Close()
	if l.pass() != nil {
		return
	}
	server, err := net.Dial("unix", l.server.Socket())
	if err != nil {
		return
	}
	defer server.Close()
	if !l.add(client, server) {
		return
	}
	defer l.remove(client, server)
	answers := make(chan struct{})
	go func() {
		defer close(answers)
		l.copy(client, server)
		client.Close()
	}()
	l.copy(server, client)
	server.Close()
	<-answers
}

func (l *Link) add(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		l.conns[c] = true
	}
	return l.weather != Cut
}

func (l *Link) remove(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		delete(l.conns, c)
	}
}

func (l *Link) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if l.pass() != nil {
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

var errCut = errors.New("the link is cut")

// pass waits until the weather lets something pass.
func (l *Link) pass() error {
	for {
		l.mu.Lock()
		weather, changed := l.weather, l.changed
		l.mu.Unlock()
		switch weather {
		case Cut:
			return errCut
		case Slow:
			select {
			case <-time.After(slowness):
			case <-changed:
			}
			return nil
		case Clear:
			return nil
		}
		<-changed
	}
}
