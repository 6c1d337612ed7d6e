package main

/*
#include <stdlib.h>
#include "fluentbit.h"
*/
import "C"

import (
	"fmt"
	"strings"
	"sync"
	"unsafe"

	"fluent-bit-confluence/internal/handover"
)

// host is what Fluent Bit offers one instance. It implements handover.Host.
type host struct {
	c    C.struct_host
	name string // of the instance, its alias if it has one

	mu   sync.Mutex // wake may come when the instance is ending
	gone bool
}

// Sizes of a batch. One that goes through the ring at once is small, because the host empties the ring when some fifty appends are in it.
// Where there is one a second it is as large as outputs like it.
const (
	appendBytes   = 48 << 10
	callbackBytes = 1_000_000
)

func (h *host) batchBytes() int {
	if C.host_can_append() != 0 {
		return appendBytes
	}
	return callbackBytes
}

// wake asks the host to call woken on the thread of the instance. It may be called from anywhere.
func (h *host) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone {
		C.host_wake(&h.c)
	}
}

// forget ends the use of the host.
func (h *host) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	C.host_forget(&h.c)
}

// Append puts events into the ring of the instance, as the host does with what its callback returns, but tells whether they were taken.
func (h *host) Append(events []byte) (ok, can bool) {
	// The host copies the events before it returns.
	switch C.host_append(&h.c, unsafe.Pointer(unsafe.SliceData(events)), C.size_t(len(events))) {
	case 0:
		return true, true
	case 1:
		return false, false
	default:
		return false, true
	}
}

// Counts reads the host's own counters. The second is there since 4.1.
func (h *host) Counts() (c handover.Counts, known bool) {
	records := C.CString(fmt.Sprintf("fluentbit_input_records_total{name=%q}", h.name))
	defer C.free(unsafe.Pointer(records))
	writes := C.CString(fmt.Sprintf("fluentbit_input_ring_buffer_writes_total{name=%q}", h.name))
	defer C.free(unsafe.Pointer(writes))
	var n [2]C.double
	C.host_counts(&h.c, records, writes, &n[0])
	return handover.Counts{Records: int64(n[0]), Writes: int64(n[1])}, n[0] >= 0
}

func hostName(h *host) string {
	if name := C.host_instance_name(&h.c); name != nil {
		return C.GoString(name)
	}
	return "confluence"
}

// property returns the value of a key, "" when it is not set or empty.
func property(plugin *C.struct_host_plugin, key string) string {
	name := C.CString(key)
	defer C.free(unsafe.Pointer(name))
	return C.GoString(C.host_property(plugin, name))
}

func lines(err error) []string { return strings.Split(err.Error(), "\n") }
