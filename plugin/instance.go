package main

/*
#include "fluentbit.h"
*/
import "C"

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/handover"
	"fluent-bit-confluence/internal/pipeline"
	"fluent-bit-confluence/internal/version"
)

// exitWait bounds how long Fluent Bit waits for the last commit: it joins the inputs one after
// another.
const exitWait = 2 * time.Second

// stagger is the delay between the first polls of two inputs: hundreds of first polls at once would
// need much memory.
const stagger = 20 * time.Millisecond

// lateTick is after how long without a tick woken updates the metrics in its place: Fluent Bit does
// not tick an input that it has paused.
const lateTick = 2 * time.Second

// An instance is one [INPUT] section. All its methods run on its thread. On a nil instance, whose
// start has failed or which has exited, tick and exit do nothing.
type instance struct {
	host     *host
	pipeline *pipeline.Pipeline
	handover *handover.Sender
	log      *hostLog
	metrics  *metrics
	place    int // how many inputs were registered before this one
	started  bool
	ended    bool        // exit was called
	asked    bool        // to be called before the next tick
	timer    *time.Timer // calls wake while something is in flight
}

// newInstance checks the settings and opens the state file. It does not begin to read: when another
// input fails to start, the host ends without a call to this one.
func newInstance(h *host, log *hostLog, get func(key string) string) (*instance, error) {
	settings, err := config.Parse(get)
	for _, key := range config.Misspelt(get) {
		err = errors.Join(err, errors.New(key))
	}
	if err != nil {
		return nil, err
	}
	for _, w := range settings.Warnings {
		log.print(levelWarn, w)
	}
	log.print(levelInfo, "version "+version.String()+" reads "+settings.Product.Name+" at "+settings.APIURL)
	p, err := pipeline.New(settings, log.logger(), pipeline.Options{Ready: h.wake, BatchBytes: batchBytes, Name: h.name, Slots: instances.slots, Fleets: &instances.fleets})
	if err != nil {
		return nil, err
	}
	log.flush()
	i := &instance{host: h, pipeline: p, handover: handover.New(p, h, log.logger()), log: log, metrics: newMetrics(h, p), timer: time.AfterFunc(time.Hour, h.wake)}
	i.timer.Stop()
	return i, nil
}

// tick is called by the host once a second.
func (i *instance) tick() {
	if i == nil {
		return
	}
	i.start()
	i.log.flush()
	i.handover.Tick()
	i.pipeline.HostStuck(i.handover.Stuck())
	i.metrics.update(i.pipeline)
	i.lookAgain()
	if i.pipeline.Queued() > 0 {
		i.host.due() // a batch waits, is in flight, or is about to be committed
	}
}

// start begins to read, at the host's first call: by then the host has started all its inputs.
func (i *instance) start() {
	if !i.started {
		i.started = true
		i.pipeline.Start(time.Duration(i.place) * stagger)
	}
}

// woken hands over what became ready between two ticks.
func (i *instance) woken() {
	C.host_heard(&i.host.c)
	if !i.ended {
		i.start()
		i.log.flush()
		i.handover.Tick()
		i.pipeline.HostStuck(i.handover.Stuck())
		if i.host.silent() > lateTick {
			i.metrics.update(i.pipeline)
		}
		i.lookAgain()
	}
}

// lookAgain asks for another call while batches are in flight, so that they are acknowledged soon
// and reading goes on; and while the input is paused, so that its log and metrics go on.
func (i *instance) lookAgain() {
	switch wait := i.handover.LookAgain(); {
	case wait <= 0:
	case wait < time.Second && i.host.Direct():
		instances.again.add(i, wait)
	default:
		i.timer.Reset(wait)
	}
}

func (i *instance) pause() {
	i.handover.Pause()
	i.lookAgain()
}

func (i *instance) resume() {
	i.handover.Resume()
	i.host.wake()
}

// exit acknowledges what the host has, commits, and closes the state file.
func (i *instance) exit() {
	if i == nil {
		return
	}
	i.ended = true
	i.timer.Stop()
	i.handover.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), exitWait)
	defer cancel()
	err := i.pipeline.Stop(ctx)
	i.log.flush()
	if err != nil {
		i.log.print(levelError, err.Error())
	}
	i.host.forget()
	i.metrics.free()
}
