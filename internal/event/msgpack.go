package event

import (
	"encoding/binary"
	"slices"

	"fluent-bit-confluence/internal/document"

	"github.com/tinylib/msgp/msgp"
)

// msgpackWriter appends to buf. A msgpack map begins with the number of its members, which is known
// only at its end. So a container opens with the one-byte header of an empty one, which is patched
// when the container closes. With more than 15 members the header is longer, and the content is
// moved.
type msgpackWriter struct {
	buf    []byte
	values int // so far in the innermost container; in an object names count too
	open   []container
}

type container struct {
	start  int // of the header in buf
	around int // values so far in the container around this one
}

// count counts one more value of the innermost container.
func (w *msgpackWriter) count() { w.values++ }

// Headers by size: up to 15 in the byte itself, 16 bits, 32 bits (msgpack specification, formats
// map and array).
const (
	fixMap, map16, map32       = 0x80, 0xde, 0xdf
	fixArray, array16, array32 = 0x90, 0xdc, 0xdd
	fixStr                     = 0xa0
)

func (w *msgpackWriter) begin(header byte) {
	w.count()
	w.open = append(w.open, container{len(w.buf), w.values})
	w.values = 0
	w.buf = append(w.buf, header)
}

// end closes the innermost container, whose size is n.
func (w *msgpackWriter) end(n int, header16, header32 byte) {
	last := len(w.open) - 1
	at := w.open[last].start
	w.values, w.open = w.open[last].around, w.open[:last]
	switch {
	case n <= 0xf:
		w.buf[at] |= byte(n)
	case n <= 0xffff:
		w.buf[at] = header16
		w.buf = slices.Insert(w.buf, at+1, byte(n>>8), byte(n))
	default:
		w.buf[at] = header32
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(n))
		w.buf = slices.Insert(w.buf, at+1, size[:]...)
	}
}

func (w *msgpackWriter) BeginObject() { w.begin(fixMap) }
func (w *msgpackWriter) BeginArray()  { w.begin(fixArray) }
func (w *msgpackWriter) EndObject()   { w.end(w.values/2, map16, map32) }
func (w *msgpackWriter) EndArray()    { w.end(w.values, array16, array32) }

func (w *msgpackWriter) Name(s string)      { w.Text(s) }
func (w *msgpackWriter) NameBytes(s []byte) { w.TextBytes(s) }

func (w *msgpackWriter) Text(s string)   { w.count(); w.buf = msgp.AppendString(w.buf, s) }
func (w *msgpackWriter) Integer(n int64) { w.count(); w.buf = msgp.AppendInt64(w.buf, n) }
func (w *msgpackWriter) Bool(b bool)     { w.count(); w.buf = msgp.AppendBool(w.buf, b) }
func (w *msgpackWriter) Null()           { w.count(); w.buf = msgp.AppendNil(w.buf) }

// TextBytes writes most of an event, and most texts are short: up to 31 bytes have their size in
// the header. If there is room on both sides, 32 bytes are copied for any size, which takes no call
// and no branch.
func (w *msgpackWriter) TextBytes(s []byte) {
	const wide = 32
	w.count()
	n := len(w.buf)
	if len(s) >= wide || cap(s) < wide || cap(w.buf)-n <= wide {
		w.buf = msgp.AppendStringFromBytes(w.buf, s)
		return
	}
	room := w.buf[n : n+1+wide]
	room[0] = fixStr | byte(len(s))
	*(*[wide]byte)(room[1:]) = [wide]byte(s[:wide])
	w.buf = w.buf[:n+1+len(s)]
}

// Number keeps every digit. An integer becomes an integer of 64 bits, another number a float if
// that reads back as the same decimal. A number that fits neither, such as an integer of 20 digits,
// becomes a string with its JSON text.
func (w *msgpackWriter) Number(literal []byte) {
	if i, ok := document.AsInt(literal); ok {
		w.Integer(i)
	} else if u, ok := document.AsUint(literal); ok {
		w.count()
		w.buf = msgp.AppendUint64(w.buf, u)
	} else if f, ok := document.AsFloat(literal); ok {
		w.count()
		w.buf = msgp.AppendFloat64(w.buf, f)
	} else {
		w.TextBytes(literal)
	}
}
