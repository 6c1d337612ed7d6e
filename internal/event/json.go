package event

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonWriter appends to buf, on one line.
type jsonWriter struct {
	buf   []byte
	start int // where the event begins in buf
}

// separate writes the comma before a value that follows another. It decides by the last byte: no
// value ends in one of those three, because a string ends in its quote.
func (w *jsonWriter) separate() {
	if len(w.buf) == w.start {
		return
	}
	switch w.buf[len(w.buf)-1] {
	case '{', '[', ':':
	default:
		w.buf = append(w.buf, ',')
	}
}

func (w *jsonWriter) literal(s string) { w.separate(); w.buf = append(w.buf, s...) }

func (w *jsonWriter) BeginObject() { w.literal("{") }
func (w *jsonWriter) BeginArray()  { w.literal("[") }
func (w *jsonWriter) EndObject()   { w.buf = append(w.buf, '}') }
func (w *jsonWriter) EndArray()    { w.buf = append(w.buf, ']') }

func (w *jsonWriter) Name(s string)      { w.Text(s); w.buf = append(w.buf, ':') }
func (w *jsonWriter) NameBytes(s []byte) { w.TextBytes(s); w.buf = append(w.buf, ':') }

// AppendQuote fails only for bytes that it has replaced by U+FFFD.
func (w *jsonWriter) Text(s string)      { w.separate(); w.buf, _ = jsontext.AppendQuote(w.buf, s) }
func (w *jsonWriter) TextBytes(s []byte) { w.separate(); w.buf, _ = jsontext.AppendQuote(w.buf, s) }

func (w *jsonWriter) Integer(n int64)       { w.separate(); w.buf = strconv.AppendInt(w.buf, n, 10) }
func (w *jsonWriter) Number(literal []byte) { w.separate(); w.buf = append(w.buf, literal...) }
func (w *jsonWriter) Bool(b bool)           { w.separate(); w.buf = strconv.AppendBool(w.buf, b) }
func (w *jsonWriter) Null()                 { w.literal("null") }
