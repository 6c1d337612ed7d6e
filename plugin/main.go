// Command plugin is the shared object in_confluence.so: Fluent Bit's callbacks come in, calls on a
// collector go out. Nothing is decided here.
//
// Fluent Bit starts the inputs one after another, each on a thread of its own on which all its
// later callbacks come, and calls the exported functions below in this order: FLBPluginRegister
// (once a load, again on each hot reload before the old instances exit), FLBPluginInit, then once a
// second FLBPluginInputCallbackCtx, and FLBPluginExit once an instance.
package main

/*
#include <stdlib.h>
#include "fluentbit.h"
*/
import "C"

import (
	"unsafe"

	"github.com/fluent/fluent-bit-go/input"
)

const description = "Confluence audit log, Cloud and Data Center"

// confluenceRegister is FLBPluginRegister, on a host that is new enough for the library.
//
//export confluenceRegister
func confluenceRegister(def unsafe.Pointer) (code C.int) {
	defer recovered(&code, input.FLB_ERROR)
	return C.int(input.FLBPluginRegister(def, "confluence", description))
}

//export FLBPluginUnregister
func FLBPluginUnregister(def unsafe.Pointer) {
	defer recovered(nil, 0)
	input.FLBPluginUnregister(def)
}

// confluenceInit is FLBPluginInit, which is in C to look for a fork and an old host before it
// enters Go.
//
//export confluenceInit
func confluenceInit(plugin *C.struct_host_plugin) (code C.int) {
	defer recovered(&code, input.FLB_ERROR)
	host := &host{}
	if C.host_remember(&host.c, plugin) != 0 {
		return input.FLB_ERROR
	}
	host.name = hostName(host)
	log := newLog(host, int(C.host_log_level(plugin)))
	i, err := newInstance(host, log, func(key string) string { return property(plugin, key) })
	if err != nil {
		for _, line := range lines(err) {
			log.print(levelError, line)
		}
		host.forget()
		return input.FLB_ERROR
	}
	id := instances.add(i, uintptr(C.host_thread()))
	tidy.Do(giveBack)
	C.host_listen(&host.c)
	host.wake() // for the first time as soon as the host runs, and not a second later
	C.host_set_context(&host.c, plugin, C.uintptr_t(id))
	return input.FLB_OK
}

// confluenceTick is FLBPluginInputCallbackCtx, where there may be something to do.
//
//export confluenceTick
func confluenceTick(id C.uintptr_t) {
	defer recovered(nil, 0)
	instances.byID(uintptr(id)).tick()
}

// confluenceWoken is the host's call on the thread of an instance that has asked for it with wake.
//
//export confluenceWoken
func confluenceWoken() {
	defer recovered(nil, 0)
	for _, i := range instances.onThread(uintptr(C.host_thread())) {
		i.woken()
	}
}

//export FLBPluginInputPause
func FLBPluginInputPause() {
	defer recovered(nil, 0)
	for _, i := range instances.onThread(uintptr(C.host_thread())) {
		i.pause()
	}
}

//export FLBPluginInputResume
func FLBPluginInputResume() {
	defer recovered(nil, 0)
	for _, i := range instances.onThread(uintptr(C.host_thread())) {
		i.resume()
	}
}

//export FLBPluginInputPreExit
func FLBPluginInputPreExit(byHotReload C.int) {
	defer recovered(nil, 0)
	// The instances exit one after another: all of them stop asking the network at the first one.
	instances.stopReading()
}

//export FLBPluginExit
func FLBPluginExit() (code C.int) {
	defer recovered(&code, input.FLB_OK)
	instances.remove(uintptr(C.host_thread())).exit()
	return input.FLB_OK
}

// recovered keeps a panic out of the host, which it would kill. It is no net for a nil pointer:
// Fluent Bit takes the signal handler for those back on its first SIGHUP.
func recovered(code *C.int, result C.int) {
	if r := recover(); r != nil {
		logPanic(r)
		if code != nil {
			*code = result
		}
	}
}

func main() {}
