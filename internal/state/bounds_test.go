package state

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// onePage returns a page of 4,096 bytes, the third of a file.
func onePage(kind, count uint16, do func(elements []byte)) []byte {
	page := make([]byte, 4096)
	binary.NativeEndian.PutUint64(page, 2)
	binary.NativeEndian.PutUint16(page[8:], kind)
	binary.NativeEndian.PutUint16(page[10:], count)
	do(page[headerSize:])
	return page
}

// A page may be full to its last byte, and nothing of it may lie behind that. A slice that is too
// long would be a panic.
func TestPageIsFull(t *testing.T) {
	t.Parallel()
	const ids, data = (4096 - headerSize) / 8, 4096 - headerSize - elementSize
	free := func(count int) []byte {
		return onePage(freelistKind, uint16(count), func(b []byte) {
			for i := range min(count, ids) {
				binary.NativeEndian.PutUint64(b[8*i:], uint64(3+i))
			}
		})
	}
	leaf := func(keySize, valueSize uint32) []byte {
		return onePage(leafKind, 1, func(b []byte) {
			binary.NativeEndian.PutUint32(b[4:], elementSize)
			binary.NativeEndian.PutUint32(b[8:], keySize)
			binary.NativeEndian.PutUint32(b[12:], valueSize)
		})
	}
	// The second key ends with the page, or behind it.
	branch := func(keySize uint32) []byte {
		return onePage(branchKind, 2, func(b []byte) {
			binary.NativeEndian.PutUint32(b, 2*elementSize)
			binary.NativeEndian.PutUint32(b[4:], 1)
			binary.NativeEndian.PutUint64(b[8:], 3)
			binary.NativeEndian.PutUint32(b[elementSize:], elementSize+1)
			binary.NativeEndian.PutUint32(b[elementSize+4:], keySize)
			binary.NativeEndian.PutUint64(b[elementSize+8:], 4)
			b[2*elementSize], b[2*elementSize+1] = 'a', 'b'
		})
	}
	const outside = "does not lie where it should"
	for name, tt := range map[string]struct {
		page []byte
		want string // of the error; "" for none
	}{
		"free pages, full":         {free(ids), ""},
		"free pages, one too many": {free(ids + 1), "it is said to have"},
		"a leaf, full":             {leaf(8, data-8), ""},
		"a value too long":         {leaf(8, data-7), outside},
		"a key of the whole page":  {leaf(data, 0), ""},
		"a key too long":           {leaf(data+1, 0), outside},
		"a branch, full":           {branch(data - elementSize - 1), "EOF"}, // of the page below, so the keys are right
		"a key of a branch":        {branch(data - elementSize), outside},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &verifier{
				file: bytes.NewReader(append(make([]byte, 2*4096), tt.page...)), meta: meta{pageSize: 4096, pages: 1000, freelist: 2, root: 2},
				visit: func(string, []byte, []byte, bool) error { return nil }, reached: make([]uint64, 16),
			}
			var err error
			if strings.HasPrefix(name, "free") {
				err = v.freelist()
			} else {
				err = v.tree("", 2, 0, nil, nil)
				if err != nil && !strings.HasPrefix(err.Error(), "page 2: ") {
					t.Errorf("the error does not say where: %v", err)
				}
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}
