package probe

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// start runs the host in the background; the function it returns waits for a line on standard error
// that contains text.
func start(t *testing.T, c *command) (await func(text string)) {
	t.Helper()
	reader, writer := io.Pipe()
	c.lines = reader
	c.Cmd.Stderr = io.MultiWriter(&c.stderr, writer)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(reader)
	return func(text string) {
		t.Helper()
		for scanner.Scan() {
			if strings.Contains(scanner.Text(), text) {
				return
			}
		}
		t.Fatalf("no line %q: %v", text, scanner.Err())
	}
}

func (c *command) send(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := c.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func (c *command) wait(t *testing.T) {
	t.Helper()
	go io.Copy(io.Discard, c.lines)
	if err := c.Wait(); err != nil {
		t.Fatalf("%v\nstderr:\n%s", err, &c.stderr)
	}
}

func TestSignalsStop(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			c := newCommand(t, "", "-i", "probe", "-p", "records=1", "-p", "emit=event", "--tick", "10")
			await := start(t, c)
			await("Callback 0")
			c.send(t, signal)
			c.wait(t)
			calls := c.calls()
			diff(t, "last calls", []string{"Pause 0 0", "PreExit 0 hot=0", "Exit 0 0", "Unregister -1 0"}, calls[len(calls)-4:])
			first, last := slices.Index(calls, "Pause 0 0"), len(calls)-4
			diff(t, "between the pauses", []string{"Pause 0 0"}, calls[first:last])
		})
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	path := write(t, "[INPUT]\n name probe\n records 1\n emit event\n shown old\n")
	c := newCommand(t, "", "-c", path, "--tick", "10")
	await := start(t, c)
	await("Callback 0")
	if err := os.WriteFile(path, []byte("[INPUT]\n name probe\n records 2\n emit event\n shown new\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.send(t, syscall.SIGHUP)
	await("property 1 shown=new")
	await("Callback 1")
	c.send(t, syscall.SIGTERM)
	c.wait(t)

	calls := slices.Compact(slices.DeleteFunc(c.calls(), func(call string) bool {
		return strings.HasPrefix(call, "Callback") || strings.HasPrefix(call, "Cleanup")
	}))
	diff(t, "calls", []string{
		"PreRegister -1 hot=0", "Register -1 type=0", "Init 0 0", "PreRun 0 reload=1",
		"PreRegister -1 hot=1", "Register -1 type=0", "Pause 0 0", "PreExit 0 hot=1", "Exit 0 0", "Unregister -1 0",
		"Init 1 0", "PreRun 1 reload=1", "Pause 1 0", "PreExit 1 hot=0", "Exit 1 0", "Unregister -1 0",
	}, calls)
}

// Fluent Bit stops the collector of the input initialised last, even if it pauses another one.
func TestPauseStopsTheWrongCollector(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "", "-i", "probe", "-i", "probe", "--tick", "5", "--pause-at", "0:0")
	await := start(t, c)
	await("Pause 0")
	for range 5 {
		await("Callback 0")
	}
	c.send(t, syscall.SIGTERM)
	c.wait(t)
	calls := c.calls()
	after := calls[slices.Index(calls, "Pause 0 0")+1:]
	innocent := 0
	for _, call := range after {
		if strings.HasPrefix(call, "Callback 1") {
			innocent++
		}
	}
	if innocent > 1 { // one may have been on its way
		t.Errorf("input 1 was called %d times while input 0 was paused:\n%s", innocent, strings.Join(calls, "\n"))
	}
}

// What an input hands over after the shutdown began is lost, because the ring is not read again.
func TestSlowCallbackLosesAtExit(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "", "-i", "probe", "-p", "records=1", "-p", "emit=event", "-p", "sleep_ms=200", "--tick", "10", "--drain", "5")
	await := start(t, c)
	await("Callback 0")
	c.send(t, syscall.SIGTERM)
	c.wait(t)
	if !regexp.MustCompile(` [1-9]\d* lost at exit`).MatchString(c.stderr.String()) {
		t.Errorf("nothing was lost:\n%s", &c.stderr)
	}
}

// A leak of one byte for each record would show: the heap grows by at most a few buffers during
// 100,000 records.
func TestMemory(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "init records=10 emit=event\ncallback 0 x100\nexpect 0 1000\nmemory\ncallback 0 x10000\nexpect 0 100000\nmemory\n").run(t, 0)
	var heaps []int
	records := 0
	for line := range strings.Lines(c.stdout.String()) {
		var parsed struct {
			Memory *struct{ RSS, Heap int }
			Record map[string]any
		}
		if err := json.Unmarshal([]byte(line), &parsed); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if parsed.Memory != nil {
			heaps = append(heaps, parsed.Memory.Heap)
			if parsed.Memory.RSS < parsed.Memory.Heap {
				t.Errorf("resident %d bytes, on the heap %d", parsed.Memory.RSS, parsed.Memory.Heap)
			}
		} else {
			records++
		}
	}
	diff(t, "records", 101000, records)
	if len(heaps) != 2 || heaps[0] == 0 || heaps[1]-heaps[0] > 64*1024 {
		t.Errorf("heap before and after 10,000 callbacks: %v", heaps)
	}
}
