package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// worn returns the content of a used state file: with free pages, pages that were split and joined,
// twins, records without a time, and a long list of ranges that are still to be read. heads are all
// checkpoints that it ever had.
func worn(t testing.TB, dir string, commits, records int) (content []byte, heads map[time.Time]bool) {
	t.Helper()
	path := filepath.Join(dir, "worn.db")
	f, err := Open(path, site)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	heads = map[time.Time]bool{}
	for n := range commits {
		c := someCommit(random, n, records)
		heads[c.Checkpoint.Head] = true
		if err := replace(f, c); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	os.Remove(path)
	return content, heads
}

func someCommit(random *rand.Rand, n, records int) outbox.Commit {
	head := now.Add(time.Duration(n) * time.Hour)
	c := outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: now, Head: head, Polled: head}, Horizon: head.Add(-3 * time.Hour), Now: head}
	for i := range random.IntN(150) {
		from := now.Add(time.Duration(i) * time.Minute)
		c.Checkpoint.Pending = append(c.Checkpoint.Pending, timerange.Range{From: from, To: from.Add(30 * time.Second)})
	}
	for range 1 + random.IntN(records) {
		k := outbox.Key{Time: head.Add(-time.Duration(random.Int64N(int64(2 * time.Hour)))).UnixMilli()}
		if random.IntN(20) == 0 {
			k.Time = 0
		}
		sum := sha256.Sum256(binary.AppendUvarint(nil, random.Uint64N(1e6)))
		k.Fingerprint = document.Fingerprint(sum[:])
		c.Seen = append(c.Seen, outbox.Seen{Key: k, Count: 1 + uint32(random.IntN(300)*random.IntN(2))})
	}
	return c
}

// mutations damage content as disks, programs and people do.
var mutations = map[string]func(r *rand.Rand, b []byte) []byte{
	"a bit": func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b },
	"a bit in a page header": func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b)/4096)*4096+r.IntN(48)] ^= 1 << r.IntN(8)
		return b
	},
	"a few bytes": func(r *rand.Rand, b []byte) []byte {
		for i, n := r.IntN(len(b)), 1+r.IntN(64); n > 0 && i < len(b); i, n = i+1, n-1 {
			b[i] = byte(r.Uint32())
		}
		return b
	},
	"bytes all over": func(r *rand.Rand, b []byte) []byte {
		for range 1 + r.IntN(100) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		return b
	},
	"a number": func(r *rand.Rand, b []byte) []byte {
		values := []uint64{0, 1, 0xffff, 0xffffffff, 1 << 31, 1 << 63, ^uint64(0), r.Uint64N(uint64(len(b)) / 4096)}
		binary.NativeEndian.PutUint64(b[r.IntN(len(b)/4096)*4096+8*r.IntN(32):], values[r.IntN(len(values))])
		return b
	},
	"cut":          func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
	"cut at page":  func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b)/4096)*4096] },
	"zeros":        func(r *rand.Rand, b []byte) []byte { p := somePage(r, b); clear(p); return b },
	"random page":  func(r *rand.Rand, b []byte) []byte { p := somePage(r, b); noise(r, p); return b },
	"page swapped": func(r *rand.Rand, b []byte) []byte { p, q := somePage(r, b), somePage(r, b); swap(p, q); return b },
	"page copied":  func(r *rand.Rand, b []byte) []byte { copy(somePage(r, b), somePage(r, b)); return b },
	"page copied with its number right": func(r *rand.Rand, b []byte) []byte {
		p := somePage(r, b)
		id := binary.NativeEndian.Uint64(p)
		copy(p, somePage(r, b))
		binary.NativeEndian.PutUint64(p, id)
		return b
	},
	"garbage": func(r *rand.Rand, b []byte) []byte { b = b[:r.IntN(20_000)]; noise(r, b); return b },
	"meta with a checksum that fits": func(r *rand.Rand, b []byte) []byte {
		for _, at := range []int{0, 4096} {
			field := b[at+headerSize+8*r.IntN(7):]
			if r.IntN(2) == 0 {
				binary.NativeEndian.PutUint64(field, r.Uint64()>>r.IntN(64))
			} else {
				field[r.IntN(8)] ^= 1 << r.IntN(8)
			}
			sum := sumOf(b[at+headerSize:][:56])
			binary.NativeEndian.PutUint64(b[at+headerSize+56:], sum)
		}
		return b
	},
	"longer": func(r *rand.Rand, b []byte) []byte { return append(b, make([]byte, r.IntN(100_000))...) },
}

func somePage(r *rand.Rand, b []byte) []byte { return b[r.IntN(len(b)/4096)*4096:][:4096] }

func noise(r *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func swap(p, q []byte) {
	old := bytes.Clone(p)
	copy(p, q)
	copy(q, old)
}

// shm returns a folder for files that are written thousands of times, in memory if possible.
func shm(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "state")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Whatever is in the file, Open returns a usable one, and the old content is kept.
func TestMutants(t *testing.T) {
	t.Parallel()
	rounds := 24 // of each mutation on each file: more than 1,000 in all
	if testing.Short() {
		rounds = 5
	}
	dir := shm(t)
	var sound, damaged int
	for _, size := range []struct{ commits, records int }{{3, 3}, {8, 60}, {8, 600}} {
		content, heads := worn(t, dir, size.commits, size.records)
		for name, mutate := range mutations {
			for round := range rounds {
				mutant := mutate(rand.New(rand.NewPCG(uint64(round), uint64(len(content)))), bytes.Clone(content))
				if survives(t, dir, mutant, heads) {
					sound++
				} else {
					damaged++
				}
				if t.Failed() {
					t.Fatalf("%s, round %d, of %d bytes", name, round, len(content))
				}
			}
		}
	}
	t.Logf("%d went on, %d were begun anew", sound, damaged)
}

// survives reports whether a file with the content is used further, and fails when it is neither
// that nor replaced by a new one.
func survives(t *testing.T, dir string, content []byte, heads map[time.Time]bool) bool {
	path := filepath.Join(dir, "s.db")
	defer os.Remove(path)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, site)
	if err != nil {
		t.Error(err)
		return false
	}
	defer f.Close()
	goesOn := f.Damaged == ""
	f.Renewed = func(why error, _ string) {
		t.Errorf("the damage was found only when the file was in use: %v", why)
	}
	c, _, err := f.Load(context.Background())
	switch {
	case err != nil:
		t.Error(err)
	case goesOn && len(content) > 0 && !heads[c.Head]:
		t.Errorf("goes on from %s, which it has never come to", c.Head)
	case !goesOn:
		if kept, err := os.ReadFile(f.Damaged); err != nil || !bytes.Equal(kept, content) {
			t.Errorf("the damaged file was not kept: %v", err)
		}
		os.Remove(f.Damaged)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 2 {
		c := someCommit(random, 5+5*n, 60)
		if err := replace(f, c); err != nil {
			t.Error(err)
		}
		if got, err := f.Count(context.Background(), []outbox.Key{c.Seen[len(c.Seen)-1].Key}); err != nil || got[0] != c.Seen[len(c.Seen)-1].Count {
			t.Errorf("counts %d, %v, want %d", got, err, c.Seen[len(c.Seen)-1].Count)
		}
	}
	last, _, _ := f.Load(context.Background())
	f.Close()
	again, err := Open(path, site)
	if err != nil {
		t.Error(err)
		return goesOn
	}
	defer again.Close()
	if got, _, _ := again.Load(context.Background()); again.Damaged != "" || !got.Head.Equal(last.Head) {
		t.Errorf("opened again: %v, head %s, want %s", again.Why, got.Head, last.Head)
	}
	return goesOn
}

// FuzzStateFile looks for a file that is neither used further nor replaced by a new one. Each four
// bytes change one byte of a sound file: where (3 bytes), and to what. With fit the checksums of
// the meta pages are corrected afterwards.
func FuzzStateFile(f *testing.F) {
	dir := shm(f)
	path := filepath.Join(dir, "s.db")
	sound, _ := worn(f, dir, 6, 40)
	f.Add([]byte{}, false)
	f.Add([]byte{0, 0, 16, 0, 0, 16, 16, 255}, true)
	f.Fuzz(func(t *testing.T, edits []byte, fit bool) {
		content := bytes.Clone(sound)
		for ; len(edits) >= 4; edits = edits[4:] {
			content[(int(edits[0])<<16|int(edits[1])<<8|int(edits[2]))%len(content)] = edits[3]
		}
		for _, at := range []int{headerSize, 4096 + headerSize} {
			if fit {
				binary.NativeEndian.PutUint64(content[at+56:], sumOf(content[at:at+56]))
			}
		}
		defer os.Remove(path)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path, site)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		defer os.Remove(file.Damaged)
		file.Renewed = func(why error, _ string) { t.Errorf("the damage was found only when the file was in use: %v", why) }
		random := rand.New(rand.NewPCG(3, 4))
		for n := range 2 {
			if err := replace(file, someCommit(random, 7+5*n, 60)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
