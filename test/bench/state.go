package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/state"
)

// A stateRow is the cost of the state file. It is measured in this process, without Fluent Bit.
type stateRow struct {
	Kept      int // fingerprints that are young enough
	PerCommit int // records of a commit
	Commits   int // measured, after the file was filled

	Wall    time.Duration // of all commits, the disk's own time included
	CPU     time.Duration
	Written int64         // bytes that went to the disk for them, all of bbolt's pages counted
	Filled  int64         // bytes of the file when it first had Kept fingerprints
	After   int64         // and after they were replaced twice
	Open    time.Duration // time of Open, which reads all of it
}

// stateFiles measures commits to state files of several sizes, with old fingerprints removed as new
// ones come.
func (b *bench) stateFiles(ctx context.Context) (rows []stateRow) {
	for _, kept := range b.kept {
		for _, perCommit := range []int{10, pageSize} {
			s := stateRow{Kept: kept, PerCommit: perCommit}
			if err := s.measure(ctx, filepath.Join(b.dir, "state.db")); err != nil {
				b.failed = true
				fmt.Fprintf(os.Stderr, "bench: state of %d records: %v\n", kept, err)
				return rows
			}
			fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), strings.Join(s.cells(), "  "))
			rows = append(rows, s)
		}
	}
	return rows
}

const stateSite = "https://example.atlassian.net"

// measure fills a state file, replaces all of its fingerprints twice, and then measures some
// commits.
func (s *stateRow) measure(ctx context.Context, path string) (err error) {
	f, err := state.Open(path, stateSite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.RemoveAll(path)) }()
	next := 0
	for ; next < 3*s.Kept; next += pageSize {
		if next == s.Kept {
			s.Filled = fileSize(path)
		}
		if err := errors.Join(ctx.Err(), replace(ctx, f, commitOf(next, pageSize, s.Kept))); err != nil {
			return err
		}
	}
	s.After, s.Commits = fileSize(path), 100
	commits := make([]outbox.Commit, s.Commits)
	for i := range commits {
		commits[i] = commitOf(next+i*s.PerCommit, s.PerCommit, s.Kept)
	}
	written, used, began := bytesWritten(), ownCPU(), time.Now()
	for _, c := range commits {
		if err := replace(ctx, f, c); err != nil {
			return err
		}
	}
	s.Wall, s.CPU, s.Written = time.Since(began), ownCPU()-used, bytesWritten()-written
	if err := f.Close(); err != nil {
		return err
	}
	began = time.Now()
	again, err := state.Open(path, stateSite)
	if err != nil {
		return err
	}
	s.Open = time.Since(began)
	return again.Close()
}

// commitOf returns a commit of n records from the first on, a second apart, with a horizon that
// keeps kept fingerprints.
func commitOf(first, n, kept int) outbox.Commit {
	at := func(i int) time.Time { return time.Unix(1_700_000_000+int64(i), 0) }
	c := outbox.Commit{Checkpoint: outbox.Checkpoint{Head: at(first + n)}, Horizon: at(first + n - kept), Now: at(first + n)}
	for i := range n {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(first+i)))
		c.Seen = append(c.Seen, outbox.Seen{Key: outbox.Key{Time: at(first + i).UnixMilli(), Fingerprint: document.Fingerprint(sum[:])}, Count: 1})
	}
	return c
}

var stateHead = []string{"Fingerprints kept", "Records in a commit", "Time of a commit", "CPU of a commit", "Written per commit", "File when first full", "File when filled three times", "Bytes per fingerprint", "Opens within"}

func (s stateRow) cells() []string {
	n := float64(s.Commits)
	return []string{fmt.Sprint(s.Kept), fmt.Sprint(s.PerCommit), fmt.Sprintf("%.1f ms", s.Wall.Seconds()*1e3/n), fmt.Sprintf("%.2f ms", s.CPU.Seconds()*1e3/n),
		fmt.Sprintf("%.0f kB", float64(s.Written)/1e3/n), fmt.Sprintf("%.1f MB", float64(s.Filled)/1e6), fmt.Sprintf("%.1f MB", float64(s.After)/1e6),
		fmt.Sprintf("%.0f", float64(s.After)/float64(s.Kept)), fmt.Sprintf("%.0f ms", s.Open.Seconds()*1e3)}
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// bytesWritten returns how many bytes this process has written to the disk so far (proc(5),
// write_bytes).
func bytesWritten() (n int64) {
	text, _ := os.ReadFile("/proc/self/io")
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "write_bytes:"); found {
			fmt.Sscan(rest, &n)
		}
	}
	return n
}

// ownCPU returns the user and system time of this process so far.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// replace commits c to the file, on top of its present version.
func replace(ctx context.Context, f *state.File, c outbox.Commit) error {
	_, version, err := f.Load(ctx)
	if err == nil {
		_, err = f.Replace(ctx, version, c)
	}
	return err
}
