package main

/*
#include <stdlib.h>
#include "fluentbit.h"
*/
import "C"

import (
	"unsafe"

	"fluent-bit-confluence/internal/pipeline"
)

// metrics publishes the values of an instance through Fluent Bit's own metrics.
type metrics struct {
	host  *host
	shown []shown
}

// shown is one value of a metric.
type shown struct {
	metric *pipeline.Metric
	handle unsafe.Pointer // the host's
	value  string         // of the second label, "" without one
	label  *C.char        // the same for the host, nil where there is none
	last   float64        // the value that the host has
}

// newMetrics creates all metrics. An instance with a thread of its own creates every value of the
// second label at once: later the host may read at the same moment. An instance without one shares
// the thread of the reader, so it adds a label value or a histogram only when there is something to
// count. That saves most of the cost of metrics when there are hundreds of inputs. On a host
// without metrics there are none.
func newMetrics(h *host, p *pipeline.Pipeline) *metrics {
	m := &metrics{host: h}
	for i := range pipeline.Metrics {
		metric := &pipeline.Metrics[i]
		name, help := C.CString(metric.Name), C.CString(metric.PlainHelp())
		if metric.Kind == pipeline.Histogram {
			s := shown{metric: metric, handle: C.host_histogram_create(&h.c, name, help, (*C.double)(&metric.Bounds[0]), C.size_t(len(metric.Bounds)))}
			C.free(unsafe.Pointer(name))
			C.free(unsafe.Pointer(help))
			if s.handle != nil {
				if now := metric.ReadDistribution(p); now.Count() != 0 || !h.Direct() {
					m.setDistribution(&s, now)
				}
				m.shown = append(m.shown, s)
			}
			continue
		}
		var label *C.char
		values := []string{""}
		if metric.Label != "" {
			label, values = C.CString(metric.Label), metric.Values
		}
		handle := C.host_metric_create(&h.c, isCounter(metric), name, help, label)
		C.free(unsafe.Pointer(name))
		C.free(unsafe.Pointer(help))
		C.free(unsafe.Pointer(label))
		if handle == nil {
			continue
		}
		for _, value := range values {
			s := shown{metric: metric, handle: handle, value: value}
			if metric.Label != "" {
				s.label = C.CString(value)
			}
			if now := metric.Read(p, value); metric.Label == "" || now != 0 || !h.Direct() {
				m.set(&s, now)
			}
			m.shown = append(m.shown, s)
		}
	}
	return m
}

// update gives the host the values that have changed. It runs on the thread of the instance.
func (m *metrics) update(p *pipeline.Pipeline) {
	for i := range m.shown {
		s := &m.shown[i]
		switch now := s.metric.Read(p, s.value); {
		case now == s.last:
		case s.metric.Kind == pipeline.Histogram:
			m.setDistribution(s, s.metric.ReadDistribution(p))
		default:
			m.set(s, now)
		}
	}
}

func (m *metrics) set(s *shown, value float64) {
	C.host_metric_set(&m.host.c, s.handle, isCounter(s.metric), C.double(value), s.label)
	s.last = value
}

func (m *metrics) setDistribution(s *shown, value pipeline.Distribution) {
	C.host_histogram_set(&m.host.c, s.handle, (*C.uint64_t)(&value.AtMost[0]), C.double(value.Sum), C.uint64_t(value.Count()))
	s.last = float64(value.Count())
}

// free frees the label values; the host frees its part with the instance.
func (m *metrics) free() {
	for _, s := range m.shown {
		C.free(unsafe.Pointer(s.label))
	}
	m.shown = nil
}

func isCounter(m *pipeline.Metric) C.int {
	if m.Kind == pipeline.Counter {
		return 1
	}
	return 0
}
