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
func (p *prover) read(id uint64, buf []byte) (page, error) {
	var header [headerSize]byte
	if id >= p.meta.pages {
		return page{}, fmt.Errorf("page %d is behind the end", id)
	}
	buf = grown(buf, p.meta.pageSize)
	offset := int64(id * p.meta.pageSize)
	if _, err := p.file.ReadAt(buf, offset); err != nil {
		return page{}, err
	}
	copy(header[:], buf)
	n := uint64(binary.NativeEndian.Uint32(header[12:])) + 1
	if n*p.meta.pageSize > maxPageBytes {
		return page{}, fmt.Errorf("page %d is said to have %d bytes", id, n*p.meta.pageSize)
	}
	if err := p.claim(id, n); err != nil {
		return page{}, err
	}
	if n > 1 {
		buf = grown(buf, n*p.meta.pageSize)
		if _, err := p.file.ReadAt(buf, offset); err != nil {
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
