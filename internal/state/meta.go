package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// The first two pages of a bbolt file are meta pages, written alternately: the newer one that is
// whole counts. Each is a page header of 16 bytes, then magic, version, page size, flags (4 bytes
// each), root (16), freelist, page count, transaction id, checksum (8 each), in the machine's byte
// order.
const (
	headerSize = 16
	metaSize   = 64
	magic      = 0xED0CDAED
	format     = 2

	// Limits of the files that are accepted. A million records a day for a year make 18 GB.
	minPage, maxPage = 4096, 65536
	maxPages         = 1 << 24
	// A transaction id near the largest number could not be counted up.
	maxTx = 1 << 62
)

type meta struct{ pageSize, root, freelist, pages, tx uint64 }

// readMeta returns the meta page at an offset, if it is one.
func readMeta(file io.ReaderAt, offset int64) (meta, bool) {
	b := make([]byte, metaSize)
	if _, err := file.ReadAt(b, offset+headerSize); err != nil {
		return meta{}, false
	}
	m := meta{
		pageSize: uint64(binary.NativeEndian.Uint32(b[8:])), root: binary.NativeEndian.Uint64(b[16:]), freelist: binary.NativeEndian.Uint64(b[32:]),
		pages: binary.NativeEndian.Uint64(b[40:]), tx: binary.NativeEndian.Uint64(b[48:]),
	}
	whole := binary.NativeEndian.Uint32(b) == magic && binary.NativeEndian.Uint32(b[4:]) == format && binary.NativeEndian.Uint64(b[56:]) == sumOf(b[:56])
	return m, whole
}

func sumOf(b []byte) uint64 {
	sum := fnv.New64a()
	sum.Write(b)
	return sum.Sum64()
}

// newestMeta returns the meta page that bbolt would use, found as bbolt finds it.
func newestMeta(file io.ReaderAt, size int64) (meta, error) {
	newest, ok := readMeta(file, 0)
	pageSize := int64(newest.pageSize)
	// Without the first page, only the second tells the page size, and its place depends on the
	// page size.
	for at := int64(1024); !ok && at <= 1024<<14 && at < size-1024; at *= 2 {
		newest, ok = readMeta(file, at)
		pageSize = at
	}
	switch {
	case !ok:
		return meta{}, errors.New("it does not begin like one")
	case int64(newest.pageSize) != pageSize || pageSize < minPage || pageSize > maxPage || pageSize&(pageSize-1) != 0:
		return meta{}, fmt.Errorf("its pages are said to have %d bytes", newest.pageSize)
	}
	if second, ok := readMeta(file, pageSize); ok && second.tx > newest.tx {
		newest = second
	}
	switch m := newest; {
	case int64(m.pageSize) != pageSize:
		return meta{}, errors.New("its first two pages contradict each other")
	case m.pages > maxPages || m.tx > maxTx:
		return meta{}, fmt.Errorf("it is said to have %d pages after %d transactions", m.pages, m.tx)
	case m.pages*m.pageSize > uint64(size):
		return meta{}, fmt.Errorf("it was cut from %d bytes to %d", m.pages*m.pageSize, size)
	}
	return newest, nil
}
