package main

/*
#include <stdlib.h>
#include "fluentbit.h"
*/
import "C"

import (
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/sirupsen/logrus"
)

// Fluent Bit's levels.
const (
	levelError = 1 + iota
	levelWarn
	levelInfo
	levelDebug
	levelTrace
)

const (
	maxWaiting = 1000
	// Fluent Bit cuts a line at 4 KB.
	maxLine = 3500
	// flushLate is when the callback, which comes once a second, is held to have stopped: Fluent
	// Bit may pause the wrong instance.
	flushLate = 5 * time.Second
)

// hostLog brings the lines of one instance into Fluent Bit's log. Fluent Bit writes the lines of a
// thread that is not its own to standard error, whatever log_file says; so those of our goroutines
// wait for the next callback. It is a hook of logrus.
type hostLog struct {
	host   *host
	prefix string
	level  int

	mu      sync.Mutex
	waiting []line
	dropped int
}

type line struct {
	level int
	text  string
}

func newLog(h *host, level int) *hostLog {
	return &hostLog{host: h, prefix: "[input:confluence:" + h.name + "] ", level: level}
}

// logger returns the logrus face of l.
func (l *hostLog) logger() *logrus.Logger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	log.SetLevel(map[int]logrus.Level{levelError: logrus.ErrorLevel, levelWarn: logrus.WarnLevel, levelInfo: logrus.InfoLevel,
		levelDebug: logrus.DebugLevel, levelTrace: logrus.TraceLevel}[l.level])
	log.AddHook(l)
	return log
}

// Levels is part of logrus.Hook.
func (l *hostLog) Levels() []logrus.Level { return logrus.AllLevels }

// Fire is part of logrus.Hook.
func (l *hostLog) Fire(e *logrus.Entry) error {
	level := map[logrus.Level]int{logrus.WarnLevel: levelWarn, logrus.InfoLevel: levelInfo, logrus.DebugLevel: levelDebug, logrus.TraceLevel: levelTrace}[e.Level]
	if level == 0 {
		level = levelError
	}
	l.mu.Lock()
	if len(l.waiting) < maxWaiting {
		l.waiting = append(l.waiting, line{level, text(e)})
	} else {
		l.dropped++
	}
	l.mu.Unlock()
	if silent := l.host.due(); silent > flushLate {
		l.flush()
	}
	return nil
}

// flush prints what has been waiting.
func (l *hostLog) flush() {
	l.mu.Lock()
	waiting, dropped := l.waiting, l.dropped
	l.waiting, l.dropped = nil, 0
	l.mu.Unlock()
	for _, w := range waiting {
		l.print(w.level, w.text)
	}
	if dropped > 0 {
		l.print(levelWarn, fmt.Sprintf("%d lines of the log were left out", dropped))
	}
}

// print writes a line now. On a thread of the host it goes where log_file says.
func (l *hostLog) print(level int, text string) {
	if level <= l.level {
		hostPrint(level, l.prefix+text)
	}
}

func hostPrint(level int, text string) {
	if len(text) > maxLine {
		text = text[:maxLine] + "..."
	}
	message := C.CString(text)
	defer C.free(unsafe.Pointer(message))
	C.host_log(C.int(level), message)
}

// text is the message of an entry with its fields behind it, on one line.
func text(e *logrus.Entry) string {
	var b strings.Builder
	b.WriteString(e.Message)
	names := make([]string, 0, len(e.Data))
	for name := range e.Data {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == logrus.ErrorKey {
			fmt.Fprintf(&b, ": %v", e.Data[name])
		} else {
			fmt.Fprintf(&b, " %s=%v", name, e.Data[name])
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

func logPanic(r any) {
	hostPrint(levelError, fmt.Sprintf("[input:confluence] a mistake in the plugin, please report it: %v\n%s", r, debug.Stack()))
}
