package rig

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// Usage is how much memory and CPU time a process uses.
type Usage struct {
	Resident int64 // bytes in memory, those of mapped files included
	Peak     int64 // the largest value of Resident
	Heap     int64 // bytes in memory that are not of a mapped file
	CPU      time.Duration
}

// Usage reads /proc, so it works on Linux only.
func (f *FluentBit) Usage() (Usage, error) { return UsageOf(f.cmd.Process.Pid) }

// UsageOf returns the usage of a process so far. An error means that it has ended.
func UsageOf(pid int) (Usage, error) {
	var u Usage
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, fmt.Errorf("read usage: %w", err)
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		var kib int64
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch name {
		case "VmRSS":
			fmt.Sscan(value, &kib)
			u.Resident = kib << 10
		case "VmHWM":
			fmt.Sscan(value, &kib)
			u.Peak = kib << 10
		case "RssAnon":
			fmt.Sscan(value, &kib)
			u.Heap = kib << 10
		}
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("read usage: %w", err)
	}
	// The second field is the program's name in brackets, which may contain spaces. Times are in
	// ticks of 10 ms (proc(5)).
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var user, system int64
	if len(fields) > 12 {
		fmt.Sscan(fields[11], &user)
		fmt.Sscan(fields[12], &system)
	}
	u.CPU = time.Duration(user+system) * 10 * time.Millisecond
	return u, nil
}
