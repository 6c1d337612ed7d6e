package state

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// most is how many records a commit has at most.
const most = 3_000

// filled returns a state file with n fingerprints, a second apart, and the time of the next.
// Without sync only the work is measured, not the disk.
func filled(b *testing.B, n int, sync bool) (*File, time.Time) {
	f, err := Open(filepath.Join(b.TempDir(), "s.db"), site)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	f.disk.db.NoSync = true
	next := now
	for done := 0; done < n; done += most {
		if err := replace(f, commitOf(next)); err != nil {
			b.Fatal(err)
		}
		next = next.Add(most * time.Second)
	}
	f.disk.db.NoSync = !sync
	return f, next
}

// commitOf returns a commit of a full window from then on.
func commitOf(then time.Time) outbox.Commit {
	seen := make([]outbox.Seen, most)
	for i := range seen {
		at := then.Add(time.Duration(i) * time.Second).UnixMilli()
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(at)))
		seen[i] = outbox.Seen{Key: outbox.Key{Time: at, Fingerprint: document.Fingerprint(sum[:])}, Count: 1}
	}
	return outbox.Commit{Seen: seen, Checkpoint: outbox.Checkpoint{Head: then.Add(most * time.Second)}, Horizon: now, Now: then}
}

func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{0, 100_000, 1_000_000} {
		for _, sync := range []bool{false, true} {
			b.Run(fmt.Sprintf("in=%d/sync=%v", n, sync), func(b *testing.B) {
				f, next := filled(b, n, sync)
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					c := commitOf(next)
					next = next.Add(most * time.Second)
					b.StartTimer()
					if err := replace(f, c); err != nil {
						b.Fatal(err)
					}
				}
				if info, err := os.Stat(f.path); err == nil {
					b.ReportMetric(float64(info.Size())/(next.Sub(now).Seconds()), "file-B/record")
				}
			})
		}
	}
}

func BenchmarkCount(b *testing.B) {
	for _, n := range []int{most, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("in=%d", n), func(b *testing.B) {
			f, next := filled(b, n, false)
			var keys []outbox.Key
			for _, s := range commitOf(next.Add(-most * time.Second)).Seen {
				keys = append(keys, s.Key)
			}
			b.ReportAllocs()
			for b.Loop() {
				if counts, err := f.Count(context.Background(), keys); err != nil || counts[0] != 1 {
					b.Fatal(counts[0], err)
				}
			}
		})
	}
}

// BenchmarkDelivered looks up records that a poll reads again, and new records of a backfill.
func BenchmarkDelivered(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, again := range []bool{true, false} {
			b.Run(fmt.Sprintf("in=%d/again=%v", n, again), func(b *testing.B) {
				f, next := filled(b, n, false)
				if again {
					next = next.Add(-most * time.Second)
				}
				var times []int64
				for _, s := range commitOf(next).Seen {
					times = append(times, s.Key.Time)
				}
				b.ReportAllocs()
				for b.Loop() {
					if found, err := f.Delivered(context.Background(), times); err != nil || (len(found) > 0) != again {
						b.Fatal(len(found), err)
					}
				}
			})
		}
	}
}
