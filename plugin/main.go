// Command plugin is the shared object in_confluence.so: it gives Fluent Bit the input confluence,
// and translates between the host's C callbacks and one pipeline for each instance.
//
// Fluent Bit starts the inputs one after another, each on a thread of its own or, with `threaded
// off`, on its main thread. All later callbacks of an instance come on the same thread. The functions
// that the host calls are in C (release.c, fluentbit.c, entries.c) and enter Go here, in this order:
// FLBPluginRegister when the plugin is loaded, and again on each hot reload before the old instances
// exit; FLBPluginInit for each instance; FLBPluginInputCallbackCtx once a second, and
// FLBPluginInputPause and FLBPluginInputResume at any time; FLBPluginInputPreExit and then
// FLBPluginExit for each instance.
package main

/*
#include <stdlib.h>
#include "fluentbit.h"
*/
import "C"

import (
	"unsafe"

	"github.com/fluent/fluent-bit-go/input"

	"fluent-bit-confluence/internal/config"
)

const description = "Confluence audit log, Cloud and Data Center"

// confluenceRegister does the work of FLBPluginRegister on a host that is new enough (release.c).
//
//export confluenceRegister
func confluenceRegister(def unsafe.Pointer) (code C.int) {
	defer recovered(&code, input.FLB_ERROR)
	return C.int(input.FLBPluginRegister(def, "confluence", description))
}

//export confluenceUnregister
func confluenceUnregister(def unsafe.Pointer) {
	defer recovered(nil, 0)
	input.FLBPluginUnregister(def)
}

// confluenceInit does the work of FLBPluginInit, which checks in C for a fork and for an old host
// before it enters Go.
//
//export confluenceInit
func confluenceInit(plugin *C.struct_host_plugin) (code C.int) {
	defer recovered(&code, input.FLB_ERROR)
	host := &host{}
	if C.host_remember(&host.c, plugin) != 0 {
		return input.FLB_ERROR
	}
	host.name = instanceName(host)
	log := newLog(host, int(C.host_log_level(plugin)))
	i, err := newInstance(host, log, func(key string) string { return property(plugin, key) })
	if err != nil {
		for _, line := range config.Mistakes(err) {
			log.print(levelError, line)
		}
		host.forget()
		return input.FLB_ERROR
	}
	id := instances.add(i, uintptr(C.host_thread()))
	instances.tidy.Do(giveBack)
	C.host_listen(&host.c)
	host.wake() // so that the first call comes as soon as the host runs, not a second later
	C.host_set_context(&host.c, plugin, C.uintptr_t(id))
	return input.FLB_OK
}

// confluenceTick does the work of FLBPluginInputCallbackCtx, which calls it only when there may be
// something to do.
//
//export confluenceTick
func confluenceTick(id C.uintptr_t) {
	defer recovered(nil, 0)
	instances.byID(uintptr(id)).tick()
}

// confluenceWoken is called by the host on the thread of an instance after host.wake.
//
//export confluenceWoken
func confluenceWoken() {
	defer recovered(nil, 0)
	for _, i := range instances.onThread(uintptr(C.host_thread())) {
		i.woken()
	}
}

// confluenceAgain is called by the host on its main thread after host_again, until it returns 0.
//
//export confluenceAgain
func confluenceAgain() (more C.int) {
	defer recovered(&more, 0)
	if instances.again.call() {
		return 1
	}
	return 0
}

//export confluencePause
func confluencePause() {
	defer recovered(nil, 0)
	for _, i := range instances.onThread(uintptr(C.host_thread())) {
		i.pause()
	}
}

//export confluenceResume
func confluenceResume() {
	defer recovered(nil, 0)
	for _, i := range instances.onThread(uintptr(C.host_thread())) {
		i.resume()
	}
}

//export confluencePreExit
func confluencePreExit() {
	defer recovered(nil, 0)
	// The instances exit one after another. All stop reading from their sites when the first exits.
	instances.stopReading()
}

//export confluenceExit
func confluenceExit() (code C.int) {
	defer recovered(&code, input.FLB_OK)
	instances.remove(uintptr(C.host_thread())).exit()
	return input.FLB_OK
}

// recovered keeps a panic from ending the host. It does not catch a nil pointer after a hot reload:
// on its first SIGHUP, Fluent Bit replaces Go's handler of that signal (SIGSEGV).
func recovered(code *C.int, result C.int) {
	if r := recover(); r != nil {
		logPanic(r)
		if code != nil {
			*code = result
		}
	}
}

func main() {}
