package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// Files after commits of all sizes are sound. A check that is too strict would move them aside
// without need.
func TestVerifyWhatCommitsLeave(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shm(t), "s.db")
	f := open1(t, path)
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 100 {
		c := someCommit(random, n, []int{2, 50, 700, 4000}[random.IntN(4)])
		c.Horizon = c.Checkpoint.Head.Add(-time.Duration(random.IntN(30)) * time.Hour)
		if err := replace(f, c); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		content, _, err := inspect(file, path, site, firstVersion)
		file.Close()
		if err != nil || !content.checkpoint.Head.Equal(c.Checkpoint.Head) {
			t.Fatalf("after %d commits: head %s, %v", n+1, content.checkpoint.Head, err)
		}
	}
}

// As in bbolt, the newer of the two meta pages counts: a file that is long enough only for the
// older one was cut. The older one counts if the newer was not written as a whole.
func TestNewestMeta(t *testing.T) {
	t.Parallel()
	for commits := range 2 { // so that the newer is each of the two
		t.Run(fmt.Sprint(commits), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "s.db")
			f := open1(t, path)
			for range 1 + commits {
				commit(t, f, now)
			}
			before := f.disk.meta
			big := outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: now, Head: now.Add(time.Hour)}, Horizon: now, Now: now}
			for n := range 2000 {
				big.Seen = append(big.Seen, outbox.Seen{Key: key(now.Add(time.Duration(n)*time.Second), 2), Count: 1})
			}
			if err := replace(f, big); err != nil {
				t.Fatal(err)
			}
			after := f.disk.meta
			f.Close()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if before.pages == after.pages || before.tx+1 != after.tx {
				t.Fatalf("the commit has not made the file longer: %+v, %+v", before, after)
			}

			write(t, path, string(content[:before.pages*before.pageSize]))
			f = open1(t, path)
			if f.Why == nil || !strings.Contains(f.Why.Error(), fmt.Sprintf("it was cut from %d bytes to %d", after.pages*after.pageSize, before.pages*before.pageSize)) {
				t.Errorf("a file that was cut to what the older says: %v", f.Why)
			}
			f.Close()

			content[after.tx%2*after.pageSize+headerSize+40] ^= 1
			write(t, path, string(content))
			f = open1(t, path)
			if c, _, _ := f.Load(context.Background()); f.Damaged != "" || !c.Head.Equal(now) {
				t.Errorf("with the newer spoilt it goes on from %s, %v", c.Head, f.Why)
			}
		})
	}
}

// The check of a file finds damage that bbolt does not notice.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	content, heads := worn(t, t.TempDir(), 10, 900)
	var newest time.Time
	for head := range heads {
		if head.After(newest) {
			newest = head
		}
	}
	for name, tt := range map[string]struct {
		spoil func(b []byte) []byte
		want  string
	}{
		"another year in the checkpoint": {func(b []byte) []byte {
			head := newest.Format(time.RFC3339)
			return bytes.ReplaceAll(b, []byte(head), []byte("2036"+head[4:]))
		}, "its checksum does not fit"},
		"another site": {func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("acme.atlassian"), []byte("acmf.atlassian"))
		}, "its checksum does not fit"},
		"another version": {func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("version1"), []byte("version7"))
		}, "its checksum does not fit"},
		// bbolt finds a page in its parent by its first key, and would free it twice.
		"first keys of pages": {func(b []byte) []byte {
			for at := 2 * 4096; at < len(b); at += 4096 {
				page := b[at : at+4096]
				if count := binary.NativeEndian.Uint16(page[10:]); page[8] == leafKind && count > 20 {
					// The first key up by one: still before the second.
					first := headerSize + int(binary.NativeEndian.Uint32(page[headerSize+4:]))
					page[first+keySize-1]++
				}
			}
			return b
		}, "its keys are not in order"},
		"no free pages": {func(b []byte) []byte {
			return eachPage(b, freelistKind, func(page []byte) { page[8] = leafKind })
		}, "is of kind 0x2"},
		"a free page in use": {func(b []byte) []byte {
			m, _ := newestMeta(bytes.NewReader(b), int64(len(b)))
			return eachPage(b, freelistKind, func(page []byte) {
				binary.NativeEndian.PutUint16(page[10:], 1)
				binary.NativeEndian.PutUint64(page[headerSize:], m.root)
			})
		}, "is used twice"},
		"a free page behind the end": {func(b []byte) []byte {
			return eachPage(b, freelistKind, func(page []byte) {
				binary.NativeEndian.PutUint16(page[10:], 1)
				binary.NativeEndian.PutUint64(page[headerSize:], 1<<40)
			})
		}, "is behind the end"},
		"more free pages than there is room for": {func(b []byte) []byte {
			return eachPage(b, freelistKind, func(page []byte) {
				binary.NativeEndian.PutUint16(page[10:], 0xffff)
				binary.NativeEndian.PutUint64(page[headerSize:], 1<<40)
			})
		}, "it is said to have"},
		"a page that leads to its parent": {func(b []byte) []byte {
			return eachPage(b, branchKind, func(page []byte) {
				copy(page[headerSize+8:headerSize+16], page[:8])
			})
		}, "is used twice"},
		"a page of 16 TB": {func(b []byte) []byte {
			return eachPage(b, leafKind, func(page []byte) { binary.NativeEndian.PutUint32(page[12:], 1<<32-1) })
		}, "is said to have 17592186044416 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spoilt := tt.spoil(bytes.Clone(content))
			if bytes.Equal(spoilt, content) {
				t.Fatal("nothing was spoilt")
			}
			path := filepath.Join(t.TempDir(), "s.db")
			write(t, path, string(spoilt))
			if _, err := Try(path, site); !IsDamage(err) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Try: %v, want %q", err, tt.want)
			}
			if f := open1(t, path); f.Why == nil || !strings.Contains(f.Why.Error(), tt.want) {
				t.Errorf("Open: %v, want %q", f.Why, tt.want)
			}
		})
	}
}

func eachPage(b []byte, kind byte, do func(page []byte)) []byte {
	for at := 2 * 4096; at < len(b); at += 4096 {
		if page := b[at : at+4096]; page[8] == kind && page[9] == 0 {
			do(page)
		}
	}
	return b
}

// Checkpoints that no collector reaches are refused, also without a checksum.
func TestImplausible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"origin":"2026-01-01T00:00:00Z","head":"2026-03-01T00:00:00Z","polled":"0001-01-01T00:00:00Z","rescanned":"0001-01-01T00:00:00Z"}`: "",
		`{"head":"9999-03-01T00:00:00Z"}`:                                           "it speaks of 9999",
		`{"head":"0002-03-01T00:00:00Z"}`:                                           "it speaks of 0002",
		`{"head":"-200-03-01T00:00:00Z"}`:                                           "cannot parse",
		`{"head":"2026-03-01T00:00:00Z"`:                                            "unexpected EOF",
		`{"head":"2026-03-01T00:00:00Z"}}`:                                          "something follows it",
		`{"heae":"2026-03-01T00:00:00Z"}`:                                           "unknown field",
		`{"pending":[{"from":"2026-03-01T00:00:00Z","to":"2026-02-01T00:00:00Z"}]}`: "it waits for records from 2026-03-01",
		`{"pending":[{"from":"2026-03-01T00:00:00Z","to":"2026-03-09T00:00:00Z"},{"from":"2026-03-08T00:00:00Z","to":"2026-03-10T00:00:00Z"}]}`: "it waits for records from 2026-03-08",
	} {
		_, err := decode([]byte(text), 1, site)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
