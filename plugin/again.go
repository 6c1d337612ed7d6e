package main

/*
#include "fluentbit.h"
*/
import "C"

import "time"

const (
	// againTime is how long the calls of one time may take before the next ones wait. A call takes
	// about as long at most, see package handover.
	againTime = 25 * time.Millisecond
	// othersShare is how many times as long as the calls the main thread then has for other things.
	othersShare = 3
	// againLost is how long the host's timer may be late. It is lost with a hot reload.
	againLost = 2 * time.Second
)

// again has the instances without a thread of their own that are to be called before their next
// tick, in the order in which they asked. All of it happens on the host's main thread.
type again struct {
	waiting []*instance
	timer   time.Time // when the host's timer was last heard of; zero when there is none
	next    time.Time // no calls before
}

// add makes the host call an instance soon, and again each time it asks for that.
func (a *again) add(i *instance, each time.Duration) {
	if !i.asked {
		i.asked = true
		a.waiting = append(a.waiting, i)
	}
	if time.Since(a.timer) > againLost && C.host_again(C.int(each.Milliseconds())) != 0 {
		a.timer = time.Now()
	}
}

// call calls the instances that wait, and reports whether it is to be called again.
func (a *again) call() (more bool) {
	begun := time.Now()
	if a.timer = begun; begun.Before(a.next) {
		return true
	}
	for turns := len(a.waiting); turns > 0 && time.Since(begun) < againTime; turns-- {
		i := a.waiting[0]
		a.waiting, i.asked = a.waiting[1:], false
		i.woken() // may add it again
	}
	a.next = time.Now().Add(othersShare * time.Since(begun))
	if len(a.waiting) == 0 {
		a.timer = time.Time{}
	}
	return len(a.waiting) > 0
}
