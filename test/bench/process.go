package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// cpu returns the user and system time of a process so far, without its children. The kernel counts
// in ticks of 10 ms (proc(5)).
func cpu(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read usage: %w", err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var user, system int64
	if len(fields) > 12 {
		fmt.Sscan(fields[11], &user)
		fmt.Sscan(fields[12], &system)
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}

// status returns the value of a line of /proc/pid/status, or of a thread's, in the unit it has
// there; 0 when the process has ended.
func status(path, name string) (value int64) {
	text, _ := os.ReadFile(filepath.Join(path, "status"))
	for line := range strings.Lines(string(text)) {
		if key, rest, _ := strings.Cut(line, ":"); key == name {
			fmt.Sscan(rest, &value)
		}
	}
	return value
}

// wakeUps returns how often the threads of a process have given up the processor, which is how
// often they were woken.
func wakeUps(pid int) (n int64) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, thread := range threads {
		n += status(thread, "voluntary_ctxt_switches")
	}
	return n
}

// A watch measures the memory of a process until it is stopped.
type watch struct {
	stop chan struct{}
	peak chan int64
}

// watchMemory starts a watch. It uses the kernel's high-water mark of the process and, with
// children, adds the present memory of its children.
func watchMemory(pid int, children bool) *watch {
	w := &watch{stop: make(chan struct{}), peak: make(chan int64)}
	go func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		var peak int64
		for {
			now := status(fmt.Sprintf("/proc/%d", pid), "VmHWM")
			if children {
				now += descendants(pid)
			}
			peak = max(peak, now)
			select {
			case <-ticker.C:
			case <-w.stop:
				w.peak <- peak << 10
				return
			}
		}
	}()
	return w
}

// end returns the peak in bytes.
func (w *watch) end() int64 {
	close(w.stop)
	return <-w.peak
}

// descendants returns the memory of all descendants of a process, in KiB.
func descendants(pid int) (resident int64) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for field := range strings.FieldsSeq(string(text)) {
			var child int
			fmt.Sscan(field, &child)
			resident += status(fmt.Sprintf("/proc/%d", child), "VmRSS") + descendants(child)
		}
	}
	return resident
}
