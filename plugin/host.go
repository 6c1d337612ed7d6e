package main

/*
#include <stdlib.h>
#include "fluentbit.h"
*/
import "C"

import (
	"fmt"
	"sync"
	"time"
	"unsafe"

	"fluent-bit-confluence/internal/handover"
	"fluent-bit-confluence/internal/outbox"
)

// host is what Fluent Bit offers one instance. It implements handover.Host.
type host struct {
	c    C.struct_host
	name string // of the instance, its alias if it has one

	chunks chunkFiles

	mu   sync.Mutex // wake may be called while the instance ends
	gone bool
}

// batchBytes is the size of a batch. It is small beside the 2 MB at which the host begins another
// chunk, because outputs do not like chunks that are much larger. It is not smaller, because each
// batch costs a look at the host's counters.
const batchBytes = 256 << 10

// wake asks the host to call woken on the thread of the instance. It may be called from any
// goroutine.
func (h *host) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone {
		C.host_wake(&h.c)
	}
}

// due makes the host's next callback enter Go, and returns how long ago the last one was. It may be
// called from any goroutine.
func (h *host) due() (silent time.Duration) {
	h.mu.Lock()
	C.host_due(&h.c)
	h.mu.Unlock()
	return h.silent()
}

// silent returns how long ago the host's last callback was. It may be called from any goroutine.
func (h *host) silent() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Duration(C.host_silent(&h.c)) * time.Second
}

// forget ends the use of the host; wake and due do nothing afterwards.
func (h *host) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	C.host_forget(&h.c)
}

// Append gives the host the events of a batch, and returns whether it has taken them. The host
// copies them before it returns.
func (h *host) Append(b *outbox.Batch) (ok bool) {
	return C.host_append(&h.c, C.size_t(b.Records), unsafe.Pointer(unsafe.SliceData(b.Events)), C.size_t(len(b.Events))) != 0
}

// Direct reports whether the instance writes into its chunks itself, on the host's main thread.
func (h *host) Direct() bool { return h.c.direct != 0 }

// Room returns how many bytes are free on the disk of the chunks.
func (h *host) Room() (bytes int64, path string, known bool) { return h.chunks.room() }

// Counts reads the host's own metrics. Its main thread raises the first before it filters and
// writes, by all records of a buffer or by none (input_chunk_append_raw in flb_input_chunk.c). The
// second is raised on the thread of the instance. The third is a gauge that the main thread sets
// every 5 s, unless `storage.metrics off` is set (cb_storage_metrics_collect in flb_storage.c).
func (h *host) Counts() (c handover.Counts, known bool) {
	n := h.values("fluentbit_input_records_total", "fluentbit_input_ring_buffer_writes_total", "fluentbit_input_storage_chunks")
	return handover.Counts{Records: n[0].value, Writes: n[1].value, Beat: n[2].set}, n[0].value >= 0
}

// Paused reads the gauge that the host sets right after it has called pause or resume
// (flb_input_plugin_pause in flb_input.c).
func (h *host) Paused() (paused, known bool) {
	n := h.values("fluentbit_input_ingestion_paused")
	return n[0].value > 0, n[0].value >= 0
}

// value is the value of one of the host's own metrics; -1 when the host does not have it.
type value struct {
	value int64
	set   int64 // when the host set it, in milliseconds of Unix time
}

// values reads the host's own metrics of this instance.
func (h *host) values(names ...string) []value {
	series, found, set := make([]*C.char, len(names)), make([]C.double, len(names)), make([]C.int64_t, len(names))
	for n, name := range names {
		series[n] = C.CString(fmt.Sprintf("%s{name=%q}", name, h.name))
		defer C.free(unsafe.Pointer(series[n]))
	}
	C.host_values(&h.c, &series[0], C.int(len(series)), &found[0], &set[0])
	values := make([]value, len(found))
	for n, v := range found {
		values[n] = value{int64(v), int64(set[n])}
	}
	return values
}

// instanceName returns the name of the instance, its alias if it has one.
func instanceName(h *host) string {
	if name := C.host_instance_name(&h.c); name != nil {
		return C.GoString(name)
	}
	return "confluence"
}

// property returns the value of a key, "" when it is not set or empty.
func property(plugin *C.struct_host_plugin, key string) string {
	// Not C.CString: thousands of keys are asked for, and the host does not keep the name.
	name := append([]byte(key), 0)
	return C.GoString(C.host_property(plugin, (*C.char)(unsafe.Pointer(&name[0]))))
}
