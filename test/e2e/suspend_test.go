package e2e

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// After a pause of the whole process, as of a container or for a snapshot of the machine, nothing
// is repeated and no error is logged.
func TestSuspend(t *testing.T) {
	t.Parallel()
	for _, threaded := range []string{"on", "off"} {
		for _, storage := range []string{"on", "off"} {
			t.Run("threaded "+threaded+", storage metrics "+storage, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				s := newSite(t, simulate.Options{Seed: 92, Records: 20_000, Rate: 50})
				receiver := newReceiver(t)
				f := newInstance(t, rig.Config{
					Service: rig.Filesystem(dir).With(rig.Keys{"storage.metrics": storage}),
					Inputs: []rig.Keys{s.input().With(rig.Keys{
						"db": filepath.Join(dir, "state.db"), "start_from": "48h", "storage.type": "filesystem", "threaded": threaded,
					})},
					// otherwise Fluent Bit's output sends again
					Outputs: []rig.Keys{receiver.Output().With(rig.Keys{"http.response_timeout": "60s"})},
				})
				f.start()
				for range 2 {
					before := receiver.Count()
					rigtest.Await(t, "some records", func() bool { return receiver.Count() > before+1000 || before > 20_000 })
					f.Signal(syscall.SIGSTOP)
					// the process is stopped, so only the real clock goes on
					time.Sleep(12 * time.Second)
					f.Signal(syscall.SIGCONT)
				}
				wantOnce(t, awaitAll(t, receiver, s))
				f.stop()
				if complains(f.Log()) {
					t.Error("says that something is wrong")
				}
			})
		}
	}
}
