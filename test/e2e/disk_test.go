package e2e

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// No record is lost when the disk of Fluent Bit's buffer fills up during a backfill: chunks that
// cannot grow are not counted as written.
func TestBufferDiskFills(t *testing.T) {
	t.Parallel()
	for _, threaded := range []string{"on", "off"} {
		t.Run("threaded "+threaded, func(t *testing.T) {
			t.Parallel()
			buffer := smallDisk(t)
			s := newSite(t, simulate.Options{Seed: 53, Records: 30_000, Twins: 0.05})
			receiver := newReceiver(t)
			receiver.Be(rig.Refuses)
			metrics, port := served(t)
			f := newInstance(t, rig.Config{
				Service: rig.Filesystem(buffer).With(port),
				Inputs: []rig.Keys{s.input().With(rig.Keys{
					"db": filepath.Join(t.TempDir(), "state.db"), "start_from": "48h", "storage.type": "filesystem", "threaded": threaded,
				})},
				Outputs: []rig.Keys{receiver.Output()},
			})
			f.start()
			line := "where Fluent Bit keeps its buffer, is full or nearly full"
			if threaded == "off" {
				line = "Fluent Bit does not put the records into its buffer"
			}
			f.AwaitLog(line, 1)
			rigtest.Await(t, "up to go down", func() bool { return metrics("up") == 0 })
			receiver.Be(rig.Takes)
			c := awaitAll(t, receiver, s)
			f.AwaitLog("Fluent Bit takes records again", 1)
			rigtest.Await(t, "up to go up", func() bool { return metrics("up") == 1 })
			f.stop()
			if len(c.Surplus) > 0 {
				t.Errorf("a repeat has another id: %s", c)
			}
			t.Log(c)
		})
	}
}

// On a disk short of inodes only a part of the batches is written, and the input knows which.
func TestBufferDiskShortOfInodes(t *testing.T) {
	t.Parallel()
	for _, threaded := range []string{"on", "off"} {
		t.Run("threaded "+threaded, func(t *testing.T) {
			t.Parallel()
			buffer := mount(t, "size=64m,nr_inodes=4")
			s := newSite(t, simulate.Options{Seed: 54, Records: 9_000, Twins: 0.05})
			receiver := newReceiver(t)
			receiver.Be(rig.Refuses)
			f := newInstance(t, rig.Config{
				Service: rig.Filesystem(buffer),
				Inputs: []rig.Keys{s.input().With(rig.Keys{
					"db": filepath.Join(t.TempDir(), "state.db"), "start_from": "48h", "storage.type": "filesystem", "threaded": threaded,
				})},
				Outputs: []rig.Keys{receiver.Output()},
			})
			f.start()
			f.AwaitLog("Fluent Bit does not put the records into its buffer", 1)
			receiver.Be(rig.Takes)
			c := awaitAll(t, receiver, s)
			f.AwaitLog("Fluent Bit takes records again", 1)
			f.stop()
			wantOnce(t, c)
		})
	}
}

// smallDisk mounts a disk of 8 MB.
func smallDisk(t *testing.T) string { return mount(t, "size=8m") }

// mount makes a file system in memory, which only root may do.
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("SKIPPED: only root may mount the small disk that this test fills")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// An output with a limit of a few chunks has no room at times. What Fluent Bit refuses then is
// handed over again. What it drops because of that limit, it counts itself.
func TestTotalLimitSize(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"1M", "2M"} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			metrics, port := served(t)
			s := newSite(t, simulate.Options{Seed: 55, Records: 6000})
			receiver := newReceiver(t)
			f := newInstance(t, rig.Config{
				Service: rig.Filesystem(dir).With(port),
				Inputs: []rig.Keys{s.input().With(rig.Keys{
					"db": filepath.Join(dir, "state.db"), "start_from": "48h", "storage.type": "filesystem",
				})},
				Outputs: []rig.Keys{receiver.Output().With(rig.Keys{"storage.total_limit_size": limit})},
			})
			f.start()
			dropped := func() int { return int(metrics("fluentbit_output_dropped_records_total")) }
			rigtest.Await(t, "the first records", func() bool { return receiver.Count() > 0 })
			var c rig.Comparison
			rigtest.Await(t, "what is not thrown away", func() bool {
				c = rig.Compare(s.Records(), receiver.From(s.URL), time.Time{})
				return c.Records > 0 && len(c.Lost) <= dropped()
			})
			t.Logf("%d thrown away by Fluent Bit; %s", dropped(), c)
			f.stop()
			if len(c.Repeated) > 0 || len(c.Surplus) > 0 {
				t.Errorf("not each once: %s", c)
			}
		})
	}
}
