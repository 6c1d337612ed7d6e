package main

import (
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"sync"
	"time"
)

// gcPercent is lower than Go's own, because the records that pass through need far more memory than
// what stays, and memory is what a sidecar is given little of.
const gcPercent = 40

// Memory is given back when Go has not looked for garbage for as long as quiet, and more than
// muchGarbage bytes could be free. By itself it would look only when as much again has been used,
// or after two minutes, and give back slowly.
const (
	quiet       = 10 * time.Second
	muchGarbage = 24 << 20
)

var tidy sync.Once

// giveBack begins to give memory back to the system after a catch-up, or the first polls of many
// sites. It goes on as long as the process.
func giveBack() {
	debug.SetGCPercent(gcPercent)
	go func() {
		samples := []runtimemetrics.Sample{
			{Name: "/gc/cycles/total:gc-cycles"},
			{Name: "/gc/heap/live:bytes"},
			{Name: "/memory/classes/heap/objects:bytes"},
			{Name: "/memory/classes/heap/free:bytes"},
		}
		var cycles uint64
		for range time.Tick(quiet) {
			runtimemetrics.Read(samples)
			now, live := samples[0].Value.Uint64(), samples[1].Value.Uint64()
			objects, free := samples[2].Value.Uint64(), samples[3].Value.Uint64()
			if now == cycles && objects+free > live+muchGarbage {
				debug.FreeOSMemory()
				runtimemetrics.Read(samples)
				now = samples[0].Value.Uint64()
			}
			cycles = now
		}
	}()
}
