package main

import (
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"time"
)

// gcPercent is below Go's default of 100: the records that pass through need far more memory than
// what stays, and a sidecar is given little memory.
const gcPercent = 40

// Memory goes back to the system when Go has collected no garbage for quiet, and more than
// muchGarbage bytes could be free. Left alone, Go collects when the heap has grown by gcPercent or
// after two minutes, and gives memory back slowly.
const (
	quiet       = 10 * time.Second
	muchGarbage = 24 << 20
)

// giveBack starts a goroutine that gives memory back to the system after a backfill, or after the
// first polls of many sites. It lives as long as the process.
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
