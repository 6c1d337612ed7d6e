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
	// maxWaiting is how many lines wait for the next callback; later ones are dropped.
	maxWaiting = 1000
	// maxLine is in bytes: Fluent Bit cuts a line at 4 KB.
	maxLine = 3500
	// flushLate is how long after the last callback, which comes once a second, lines are printed
	// without one: Fluent Bit may have paused the instance.
	flushLate = 5 * time.Second
)

// hostLog writes the log lines of one instance to Fluent Bit's log. It is a logrus hook. The lines
// of our goroutines wait for the next callback: Fluent Bit writes lines from threads that are not
// its own to standard error, and ignores log_file.
type hostLog struct {
	host   *host
	prefix string
	level  int

	mu      sync.Mutex
	waiting []line
	dropped int
}

// line is one line of the log that waits.
type line struct {
	level int
	text  string
}

func newLog(h *host, level int) *hostLog {
	return &hostLog{host: h, prefix: "[input:confluence:" + h.name + "] ", level: level}
}

// logger returns a logrus logger that writes to l.
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

// flush prints the waiting lines.
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

// print writes a line at once. On a thread of the host it goes to log_file.
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

// text returns the message of an entry and then its fields, on one line.
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
