package state

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A page is a page of the file with its overflow pages.
type page struct {
	kind  uint16
	count int
	bytes []byte // header included
}

func parsePage(b []byte, id uint64) (page, error) {
	if len(b) < headerSize {
		return page{}, errors.New("a page is too short")
	}
	if found := binary.NativeEndian.Uint64(b); found != id {
		return page{}, fmt.Errorf("page %d calls itself %d", id, found)
	}
	return page{kind: binary.NativeEndian.Uint16(b[8:]), count: int(binary.NativeEndian.Uint16(b[10:])), bytes: b}, nil
}

// read claims a page and reads it into buf.
func (v *verifier) read(id uint64, buf []byte) (page, error) {
	var header [headerSize]byte
	if id >= v.meta.pages {
		return page{}, fmt.Errorf("page %d is behind the end", id)
	}
	buf = grown(buf, v.meta.pageSize)
	offset := int64(id * v.meta.pageSize)
	if _, err := v.file.ReadAt(buf, offset); err != nil {
		return page{}, err
	}
	copy(header[:], buf)
	n := uint64(binary.NativeEndian.Uint32(header[12:])) + 1
	if n*v.meta.pageSize > maxPageBytes {
		return page{}, fmt.Errorf("page %d is said to have %d bytes", id, n*v.meta.pageSize)
	}
	if err := v.claim(id, n); err != nil {
		return page{}, err
	}
	if n > 1 {
		buf = grown(buf, n*v.meta.pageSize)
		if _, err := v.file.ReadAt(buf, offset); err != nil {
			return page{}, err
		}
	}
	return parsePage(buf, id)
}

func grown(b []byte, n uint64) []byte {
	if uint64(cap(b)) < n {
		return make([]byte, n)
	}
	return b[:n]
}
