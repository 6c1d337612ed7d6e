package simulate

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// deliver sends the answer, changed by the faults of the wire. Faults that answer in the server's
// place come first.
func deliver(w http.ResponseWriter, c *call, a *reply) {
	if skew, off := c.faults.duration(FaultDateSkew); off {
		a.with("Date", c.now.Add(skew).Format(http.TimeFormat))
	}
	if behind, still := c.faults.duration(FaultDateStill); still {
		a.with("Date", c.first.Add(-behind).Format(http.TimeFormat))
	}
	if c.faults.has(FaultNearLimit) {
		a.with("X-Ratelimit-Nearlimit", "true")
	}
	if c.faults.has(FaultDeprecated) {
		a.with("Deprecation", "@1767225600").with("Sunset", "Fri, 01 Jan 2027 00:00:00 GMT").
			with("Warning", `299 - "This API is deprecated, see https://developer.atlassian.com/changelog/"`)
	}
	maps.Copy(w.Header(), a.header)
	switch {
	case c.faults.has(FaultHang):
		<-c.Context().Done()
		panic(http.ErrAbortHandler)
	case c.faults.has(FaultReset):
		reset(w)
	case c.faults.has(FaultHuge):
		size, _ := c.faults.number(FaultHuge)
		huge(w, c.Request, size)
		return
	case hostile(w, c):
		return
	}
	body := a.body
	if c.faults.has(FaultBOM) {
		body = append([]byte("\xef\xbb\xbf"), body...)
	}
	if c.faults.has(FaultGzip) {
		w.Header().Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	duration, slow := c.faults.duration(FaultSlow)
	switch {
	case c.Method == http.MethodHead:
	case c.faults.has(FaultCut):
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case slow:
		trickle(w, c.Request, body, duration)
	default:
		w.Write(body)
	}
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	z.Close()
	return b.Bytes()
}

// trickle sends the body in ten pieces.
func trickle(w http.ResponseWriter, r *http.Request, body []byte, duration time.Duration) {
	const pieces = 10
	for i := range pieces {
		w.Write(body[len(body)*i/pieces : len(body)*(i+1)/pieces])
		http.NewResponseController(w).Flush()
		if !pause(r, duration/pieces) {
			return
		}
	}
}

// huge sends the beginning of a well-formed list, and stops after size bytes.
func huge(w http.ResponseWriter, r *http.Request, size int) {
	w.Write([]byte(`{"` + listName(r) + `":[{}`))
	filler := bytes.Repeat([]byte(`,{"summary":"and so on"}`), 1000)
	for ; size > 0; size -= len(filler) {
		if _, err := w.Write(filler[:min(size, len(filler))]); err != nil {
			return
		}
	}
}

// reset closes the connection with a TCP reset, where the writer allows it.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
	panic(http.ErrAbortHandler)
}
