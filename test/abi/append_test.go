package abi

import (
	"path/filepath"
	"testing"

	"fluent-bit-confluence/internal/simulate"
)

// With threaded off, a batch is safe when the host has taken it. What the host refuses because it
// is paused is handed over later.
func TestAppend(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, steps string) result {
		t.Helper()
		r := hostRun(t, steps, "--script", "-", "--tick", "10", "--abi", "5.1")
		if r.code != 0 {
			t.Fatalf("exit code %d\n%s", r.code, r.stderr)
		}
		return r
	}
	t.Run("threaded off", func(t *testing.T) {
		t.Parallel()
		a, propertiesA := site(t, simulate.Options{Records: 3000, Seed: 1, Twins: 0.1})
		b, propertiesB := site(t, simulate.Options{Records: 200, Seed: 2})
		dir := t.TempDir()
		start := "init threaded=off " + propertiesA + " db=" + filepath.Join(dir, "a.db") + "\ninit threaded=off " + propertiesB + " db=" + filepath.Join(dir, "b.db") +
			"\nprerun 0\nprerun 1\n"
		both := "callback 0 x1\ncallback 1 x1\nsleep 1000\ncallback 0 x1\ncallback 1 x1\n"
		wantOnce(t, run(t, start+settled(exist(a)+exist(b), 0, 1)+"exit 1\nexit 0\n"), exist(a)+exist(b))
		wantOnce(t, run(t, start+both+"reload\n"+both), 0)
	})
	t.Run("threaded off, from one timer", func(t *testing.T) {
		t.Parallel()
		steps := ""
		records := 0
		for n := range 4 {
			sim, properties := site(t, simulate.Options{Records: 200 + n, Seed: uint64(n)})
			steps += "init threaded=off " + properties + "\n"
			records += exist(sim)
		}
		steps += settled(records, 0)
		wantOnce(t, run(t, steps+"exit 3\nexit 2\nexit 1\nexit 0\n"), records)
		// They exit in another order: the last one is called by its own timer again.
		wantOnce(t, run(t, steps+"exit 0\ncallback 1 x2\nexit 2\nexit 1\nexit 3\n"), records)
	})
	t.Run("threaded off and paused", func(t *testing.T) {
		t.Parallel()
		sim, properties := site(t, simulate.Options{Records: 100})
		wantOnce(t, run(t, "init threaded=off "+properties+"\ncallback 0 x1\npause 0\nsleep 2000\ncallback 0 x3\nexpect 0 0\nresume 0\n"+settled(exist(sim), 0)), exist(sim))
	})
	t.Run("a thread of its own", func(t *testing.T) {
		t.Parallel()
		sim, properties := site(t, simulate.Options{Records: 3000, Twins: 0.1})
		start := "init " + properties + " db=" + filepath.Join(t.TempDir(), "state.db") + "\n"
		wantOnce(t, run(t, start+settled(exist(sim), 0)), exist(sim))
		wantOnce(t, run(t, start+"callback 0 x1\nsleep 2000\ncallback 0 x1\n"), 0)
	})
}
