package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// A web is one process's way to the sites: an HTTP proxy of its own, which is the sites too. So all
// processes have the same addresses, and each request tells who has asked.
type web struct {
	process int
	sites   map[string]*simulate.Simulator // by host
	log     *requests
	server  *httptest.Server
	cut     atomic.Bool
}

// A request was sent by a process to a site.
type request struct {
	process int
	host    string
	began   time.Time
}

// requests are those of all processes, in the order in which they began.
type requests struct {
	mu  sync.Mutex
	all []request
}

func (r *requests) add(q request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, q)
}

func newWeb(process int, sites map[string]*simulate.Simulator, log *requests) *web {
	w := &web{process: process, sites: sites, log: log}
	w.server = httptest.NewServer(w)
	return w
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if w.cut.Load() {
		panic(http.ErrAbortHandler)
	}
	site := w.sites[r.Host]
	if site == nil {
		http.Error(out, fmt.Sprintf("no site %q", r.Host), http.StatusBadGateway)
		return
	}
	w.log.add(request{w.process, r.Host, time.Now()})
	site.ServeHTTP(out, r)
}

// unplug cuts the process from all sites.
func (w *web) unplug() {
	w.cut.Store(true)
	w.server.CloseClientConnections()
}

func (w *web) plug() { w.cut.Store(false) }

func (w *web) close() {
	w.server.CloseClientConnections()
	w.server.Close()
}
