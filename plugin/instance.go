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

// exitWait bounds how long Fluent Bit waits for the last save: it joins the inputs one after
// another.
const exitWait = 2 * time.Second

// stagger is how much later than the one before an input begins to read: the first polls of
// hundreds of sites at once would need much memory.
const stagger = 20 * time.Millisecond

// whilePaused is how long the host's last call may be past before woken does for the metrics what
// tick would do: Fluent Bit does not call an input that it has paused.
const whilePaused = 2 * time.Second

// An instance is one [INPUT] section. All its methods run on its thread; those of a nil instance,
// whose start failed or which has exited, do nothing.
type instance struct {
	host     *host
	pipeline *pipeline.Pipeline
	handover *handover.Instance
	log      *hostLog
	metrics  *metrics
	turn     int // how many inputs were there before
	started  bool
	ended    bool
	again    *time.Timer // calls wake while something is in flight
}

// newInstance checks the settings and takes the state file. It starts nothing: if another input of
// the host fails to start, nobody says so.
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
	log.print(levelInfo, "version "+version.String()+" reads "+settings.APIURL)
	p, err := pipeline.New(settings, log.logger(), pipeline.Host{Ready: h.wake, BatchBytes: batchBytes, Name: h.name, Turns: instances.turns})
	if err != nil {
		return nil, err
	}
	log.flush()
	i := &instance{host: h, pipeline: p, handover: handover.New(p, h, log.logger()), log: log, metrics: newMetrics(h, p), again: time.AfterFunc(time.Hour, h.wake)}
	i.again.Stop()
	return i, nil
}

// tick is the host's call once a second.
func (i *instance) tick() {
	if i == nil {
		return
	}
	i.start()
	C.host_called(&i.host.c)
	i.log.flush()
	i.handover.Tick()
	i.pipeline.HostStuck(i.handover.Stuck())
	i.metrics.update(i.pipeline)
	i.lookAgain()
	if i.pipeline.Queued() > 0 {
		i.host.due() // something waits to be taken, or is not known to be
	}
}

// start begins to read with the host's first call: by then it has started all its inputs.
func (i *instance) start() {
	if !i.started {
		i.started = true
		i.pipeline.Start(time.Duration(i.turn) * stagger)
	}
}

// woken hands over what is ready between two ticks.
func (i *instance) woken() {
	C.host_heard(&i.host.c)
	if !i.ended {
		i.start()
		i.log.flush()
		i.handover.Tick()
		i.pipeline.HostStuck(i.handover.Stuck())
		if i.host.silent() > whilePaused {
			i.metrics.update(i.pipeline)
		}
		i.lookAgain()
	}
}

// lookAgain sees to it that what is in flight is settled soon, so that reading can go on, and that
// the log and the metrics of an input that is paused go on.
func (i *instance) lookAgain() {
	if wait := i.handover.LookAgain(); wait > 0 {
		i.again.Reset(wait)
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

// exit settles what the host has, saves, and lets go of the state file.
func (i *instance) exit() {
	if i == nil {
		return
	}
	i.ended = true
	i.again.Stop()
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
