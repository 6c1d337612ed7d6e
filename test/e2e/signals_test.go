package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// Fluent Bit's signal handlers never run on a thread of Go, where they would overwrite its heap.
// That a thread of Fluent Bit gets no signal while it is in Go is checked by the test host.
func TestSignalsStayOffGo(t *testing.T) {
	t.Parallel()
	for _, threaded := range []string{"on", "off"} {
		t.Run("threaded "+threaded, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newSite(t, simulate.Options{Seed: 93, Records: 500})
			receiver := newReceiver(t)
			f := newInstance(t, rig.Config{
				Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": filepath.Join(dir, "state.db"), "start_from": "48h", "threaded": threaded})},
				Outputs: []rig.Keys{receiver.Output()},
			})
			f.start()
			awaitAll(t, receiver, s)
			threads, ofGo := threadsOf(t, f.PID()), 0
			program := slices.IndexFunc(threads, func(th thread) bool { return th.id == f.PID() })
			for n, thread := range threads {
				if n == program || thread.name != threads[program].name {
					continue // Fluent Bit's own, with names of their own
				}
				ofGo++
				for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGCONT, syscall.SIGTERM} {
					if thread.blocked&(1<<(signal-1)) == 0 {
						t.Errorf("thread %d gets %s", thread.id, signal)
					}
				}
			}
			if ofGo == 0 {
				t.Error("no thread of Go was found")
			}
			f.stop() // with SIGTERM: the main thread still gets signals
		})
	}
}

// A thread of a process. Those of Go have the name of the program.
type thread struct {
	id      int
	name    string
	blocked uint64 // signals
}

func threadsOf(t *testing.T, pid int) (threads []thread) {
	t.Helper()
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		th := thread{}
		th.id, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
		for line := range strings.Lines(string(text)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":\t")
			switch key {
			case "Name":
				th.name = value
			case "SigBlk":
				if th.blocked, err = strconv.ParseUint(value, 16, 64); err != nil {
					t.Fatalf("read %s: %v", path, err)
				}
			}
		}
		threads = append(threads, th)
	}
	return threads
}
