package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// bbolt maps the file into memory and trusts it. A wrong page can make it read behind the end,
// which ends the host with SIGBUS or SIGSEGV, walk in circles, or allocate without end. Go cannot
// recover from that in a goroutine of bbolt's, nor after Fluent Bit has set its own signal handlers
// again. So every page is read here first, with plain reads. bbolt gets the file only when each
// page is reached once, from the right place, and every position in a page lies within it.
//
// Layout (bbolt internal/common), in the machine's byte order:
//
//	page      id (8), kind (2), count (2), overflow pages (4), then count elements
//	branch    position of the key from the element on (4), key size (4), child (8)
//	leaf      flags (4), position (4), key size (4), value size (4)
//	freelist  ids of free pages (8 each); with a count of 0xffff the first of them is the count
//	bucket    root page (8), sequence (8); root 0 means that a leaf page follows
const (
	branchKind   = 0x01
	leafKind     = 0x02
	freelistKind = 0x10
	elementSize  = 16
	bucketFlag   = 0x01
	bucketSize   = 16
	maxKey       = 32768
	maxDepth     = 64       // a tree of two children a page has less than 30 levels
	maxPageBytes = 16 << 20 // of a page with its overflow pages
)

// A visitor is called for each entry of the file, in order. The bucket is "" for the entries of the
// root, which are buckets themselves.
type visitor func(bucket string, key, value []byte, isBucket bool) error

type verifier struct {
	file    io.ReaderAt
	meta    meta
	reached []uint64       // a bit for each page
	pages   [maxDepth]page // the pages from the root to the current one; their memory is reused
	visit   visitor
}

// verify reads the whole file once, and returns an error if anything in it is wrong.
func verify(file io.ReaderAt, size int64, visit visitor) (meta, error) {
	m, err := newestMeta(file, size)
	if err != nil {
		return meta{}, err
	}
	v := &verifier{file: file, meta: m, visit: visit, reached: make([]uint64, m.pages/64+1)}
	v.reached[0] = 3 // the meta pages
	if err := v.freelist(); err != nil {
		return meta{}, fmt.Errorf("list of free pages: %w", err)
	}
	return m, v.tree("", m.root, 0, nil, nil)
}

// claim notes that n pages from id on are in use. Each may be claimed once.
func (v *verifier) claim(id, n uint64) error {
	if id >= v.meta.pages || n > v.meta.pages-id {
		return fmt.Errorf("page %d is behind the end", id)
	}
	for i := id; i < id+n; i++ {
		if v.reached[i/64]&(1<<(i%64)) != 0 {
			return fmt.Errorf("page %d is used twice", i)
		}
		v.reached[i/64] |= 1 << (i % 64)
	}
	return nil
}

func (v *verifier) freelist() error {
	list, err := v.read(v.meta.freelist, nil)
	if err != nil {
		return err
	}
	if list.kind != freelistKind {
		return fmt.Errorf("page %d is of kind %#x", v.meta.freelist, list.kind)
	}
	ids, count := list.bytes[headerSize:], uint64(list.count)
	if count == 0xffff {
		count, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return fmt.Errorf("it is said to have %d", count)
	}
	last := uint64(0)
	for i := range count {
		id := binary.NativeEndian.Uint64(ids[8*i:])
		if id <= last {
			return errors.New("it is not in order")
		}
		if err := v.claim(id, 1); err != nil {
			return err
		}
		last = id
	}
	return nil
}

// tree verifies a page and all pages below it. The first key must be low, and all must be less than
// high; nil means no limit.
func (v *verifier) tree(bucket string, id uint64, depth int, low, high []byte) error {
	if depth == maxDepth {
		return errors.New("it is too deep")
	}
	pg, err := v.read(id, v.pages[depth].bytes)
	if err != nil {
		return err
	}
	v.pages[depth] = pg
	switch {
	case pg.kind == branchKind && pg.count >= 2:
		err = v.branch(bucket, pg, depth, low, high)
	case pg.kind == leafKind && (pg.count >= 1 || low == nil):
		_, err = v.leaf(bucket, pg, depth, low, high)
	default:
		err = fmt.Errorf("it is of kind %#x with %d elements", pg.kind, pg.count)
	}
	if err != nil && depth == 0 {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return err
}

func (v *verifier) branch(bucket string, pg page, depth int, low, high []byte) error {
	at := headerSize + elementSize*pg.count
	if at > len(pg.bytes) {
		return fmt.Errorf("%d elements are too many", pg.count)
	}
	key := func(i int) (from, size int) {
		e := pg.bytes[headerSize+elementSize*i:]
		return headerSize + elementSize*i + int(binary.NativeEndian.Uint32(e)), int(binary.NativeEndian.Uint32(e[4:]))
	}
	// The keys first: they limit which keys the pages below may have.
	previous := low
	for i := range pg.count {
		from, size := key(i)
		if from != at || size > len(pg.bytes)-at {
			return fmt.Errorf("key %d does not lie where it should", i)
		}
		k := pg.bytes[from : from+size]
		if err := inOrder(k, previous, high, i == 0); err != nil {
			return err
		}
		previous, at = k, at+size
	}
	for i := range pg.count {
		from, size := key(i)
		end := high
		if i+1 < pg.count {
			next, size := key(i + 1)
			end = pg.bytes[next : next+size]
		}
		child := binary.NativeEndian.Uint64(pg.bytes[headerSize+elementSize*i+8:])
		if err := v.tree(bucket, child, depth+1, pg.bytes[from:from+size], end); err != nil {
			return fmt.Errorf("page %d: %w", child, err)
		}
	}
	return nil
}

// leaf verifies a leaf page, and returns where its data end.
func (v *verifier) leaf(bucket string, pg page, depth int, low, high []byte) (end int, err error) {
	at := headerSize + elementSize*pg.count
	if at > len(pg.bytes) {
		return 0, fmt.Errorf("%d elements are too many", pg.count)
	}
	previous := low
	for i := range pg.count {
		e := pg.bytes[headerSize+elementSize*i:]
		flags, keySize, valueSize := binary.NativeEndian.Uint32(e), int(binary.NativeEndian.Uint32(e[8:])), int(binary.NativeEndian.Uint32(e[12:]))
		from := headerSize + elementSize*i + int(binary.NativeEndian.Uint32(e[4:]))
		if from != at || keySize > len(pg.bytes)-at || valueSize > len(pg.bytes)-at-keySize {
			return 0, fmt.Errorf("entry %d does not lie where it should", i)
		}
		k, value := pg.bytes[at:at+keySize], pg.bytes[at+keySize:at+keySize+valueSize]
		if err := inOrder(k, previous, high, i == 0); err != nil {
			return 0, err
		}
		previous, at = k, at+keySize+valueSize
		if flags&^bucketFlag != 0 {
			return 0, fmt.Errorf("entry %d has the flags %#x", i, flags)
		}
		if err := v.visit(bucket, k, value, flags == bucketFlag); err != nil {
			return 0, err
		}
		if flags == bucketFlag {
			if err := v.bucket(bucket, string(k), value, depth); err != nil {
				return 0, err
			}
		}
	}
	return at, nil
}

// bucket verifies an entry that is a bucket, and all pages of that bucket.
func (v *verifier) bucket(parent, name string, value []byte, depth int) error {
	name = parent + "/" + name
	if len(value) < bucketSize {
		return fmt.Errorf("bucket %s is cut", name)
	}
	root := binary.NativeEndian.Uint64(value)
	if root != 0 {
		if len(value) > bucketSize {
			return fmt.Errorf("bucket %s is in two places", name)
		}
		if err := v.tree(name, root, depth+1, nil, nil); err != nil {
			return fmt.Errorf("bucket %s: page %d: %w", name, root, err)
		}
		return nil
	}
	pg, err := parsePage(value[bucketSize:], 0)
	switch {
	case err != nil:
		return fmt.Errorf("bucket %s: %w", name, err)
	case pg.kind != leafKind:
		return fmt.Errorf("bucket %s is of kind %#x", name, pg.kind)
	}
	inner := *v
	inner.visit = func(bucket string, key, value []byte, isBucket bool) error {
		if isBucket {
			return errors.New("it holds another")
		}
		return v.visit(bucket, key, value, isBucket)
	}
	end, err := inner.leaf(name, pg, depth, nil, nil)
	switch {
	case err != nil:
		return fmt.Errorf("bucket %s: %w", name, err)
	case end != len(pg.bytes):
		return fmt.Errorf("bucket %s ends early", name)
	}
	return nil
}

// inOrder checks that a key is greater than the previous one and less than high. The first key of a
// page must equal the key in its parent: bbolt finds the page by it, and would otherwise free the
// page twice.
func inOrder(key, previous, high []byte, first bool) error {
	order := bytes.Compare(key, previous)
	switch {
	case len(key) == 0 || len(key) > maxKey:
		return fmt.Errorf("a key has %d bytes", len(key))
	case first && previous != nil && order != 0, !first && order <= 0, high != nil && bytes.Compare(key, high) >= 0:
		return errors.New("its keys are not in order")
	}
	return nil
}
