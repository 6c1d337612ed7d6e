package probe

import (
	"strings"
	"testing"
)

const oneInput = `
init records=1 emit=event
prerun 0
callback 0
pause 0
resume 0
exit 0
`

// The same steps work with each release line. The lines differ in the size of the definition only.
func TestLifeCycleOfEachVersion(t *testing.T) {
	t.Parallel()
	const want = `
PreRegister -1 hot=0
Register -1 type=0
Init 0 0
PreRun 0 reload=1
Callback 0 records=1
Cleanup 0 null=0
Pause 0 0
Resume 0 0
PreExit 0 hot=0
Exit 0 0
Unregister -1 0
`
	for _, version := range []string{"5.1", "4.2", "4.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := newCommand(t, oneInput, "--abi", version).run(t, 0)
			diff(t, "calls", lines(want), c.calls())
			diff(t, "stdout", `{"tag":"probe.0","time":"2026-11-22T18:00:00.000000001Z","record":{"n":0}}`+"\n", c.stdout.String())
		})
	}
}

func TestEmptyCallback(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "init records=0\ncallback 0\n").run(t, 0)
	if strings.Contains(c.stderr.String(), "] Cleanup 0 ") {
		t.Errorf("cleanup after a callback without data:\n%s", &c.stderr)
	}
}

func TestTwoInputs(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "init records=1 emit=event\ninit records=2 emit=event tag=second\ncallback 1 x2\ncallback 0\nexpect 1 4\nexpect 0 1\n").run(t, 0)
	var life []string
	for _, call := range c.calls() {
		if !strings.HasPrefix(call, "Pause") { // each on its own thread: in any order
			life = append(life, call)
		}
	}
	diff(t, "calls", []string{
		"PreRegister -1 hot=0", "Register -1 type=0", "Init 0 0", "Init 1 0",
		"Callback 1 records=2", "Cleanup 1 null=0", "Callback 1 records=2", "Cleanup 1 null=0", "Callback 0 records=1", "Cleanup 0 null=0",
		"PreExit 1 hot=0", "Exit 1 0", "PreExit 0 hot=0", "Exit 0 0", "Unregister -1 0",
	}, life)
	for _, want := range []string{"Callback 0 flb-in-probe.0- ", "Exit 0 flb-in-probe.0- ", "Callback 1 flb-in-probe.1- ", "Unregister -1 testhost "} {
		c.wantStderr(t, want)
	}
	if got := strings.Count(c.stdout.String(), `"tag":"second"`); got != 4 {
		t.Errorf("%d records with the tag of the second input, want 4", got)
	}
	if got := strings.Count(c.stderr.String(), "] Pause "); got != 4 {
		t.Errorf("%d pauses at the end, want two for each input", got)
	}
}

func TestThreadedOff(t *testing.T) {
	t.Parallel()
	script := "init threaded=off records=1 emit=event\ninit threaded=off records=1 emit=event\ncallback 1\nexpect 1 1\npause 1\ncallback 1\nexpect 1 0\n"
	c := newCommand(t, script).run(t, 0)
	for _, want := range []string{"Init 0 flb-pipeline", "Callback 1 flb-pipeline", "Exit 1 flb-pipeline", "probe.1: 2 callbacks, 2 appends; records: 1 delivered, 1 refused"} {
		c.wantStderr(t, want)
	}
}

func TestPausedInputKeepsItsRing(t *testing.T) {
	t.Parallel()
	const begin = "init records=1 emit=event\npause 0\ncallback 0 x3\nexpect 0 0\n"
	newCommand(t, begin+"resume 0\nexpect 0 3\n").run(t, 0)
	c := newCommand(t, begin).run(t, 0)
	c.wantStderr(t, "3 callbacks, 3 appends; records: 0 delivered, 0 refused, 3 lost at exit")
	if got := strings.Count(c.stderr.String(), "] Pause "); got != 1 {
		t.Errorf("%d pauses, want 1: an input over its limit hears no other at exit", got)
	}
}

func TestRefusedAppend(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "init records=2 emit=event\nrefuse 0 1\ncallback 0 x2\nexpect 0 2\n").run(t, 0)
	c.wantStderr(t, "[error] [input:probe.0] could not enqueue records into the ring buffer")
	c.wantStderr(t, "2 delivered, 2 refused, 0 lost")
	if got := strings.Count(c.stderr.String(), "Cleanup"); got != 2 {
		t.Errorf("%d cleanups, want 2: a refused buffer is cleaned up as well", got)
	}
}

func TestReloadInScript(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "init records=1 emit=event\nreload\ncallback 0\nexpect 0 1\n").run(t, 0)
	diff(t, "calls", []string{
		"PreRegister -1 hot=0", "Register -1 type=0", "Init 0 0",
		"PreRegister -1 hot=1", "Register -1 type=0",
		"Pause 0 0", "Pause 0 0", "PreExit 0 hot=1", "Exit 0 0", "Unregister -1 0",
		"Init 1 0", "PreRun 1 reload=1", "Callback 1 records=1", "Cleanup 1 null=0",
		"Pause 1 0", "Pause 1 0", "PreExit 1 hot=0", "Exit 1 0", "Unregister -1 0",
	}, c.calls())
}
