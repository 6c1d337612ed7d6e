package chunk

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tinylib/msgp/msgp"
)

// AppendJSON appends the record of an event as one line of JSON, without a line break. Values that
// JSON does not have become text: bytes, extensions in hexadecimal, NaN and infinities.
func (e Event) AppendJSON(line []byte) ([]byte, error) {
	_, record, err := e.split()
	if err != nil {
		return line, err
	}
	line, _, err = appendValue(line, record)
	return line, err
}

// appendValue appends the first value of b and returns the rest of b. msgp.Skip has checked the
// value and its depth before.
func appendValue(line, b []byte) (_, rest []byte, err error) {
	if len(b) == 0 {
		return line, b, msgp.ErrShortBytes
	}
	switch msgp.NextType(b) {
	case msgp.MapType:
		return appendMap(line, b)
	case msgp.ArrayType:
		return appendArray(line, b)
	case msgp.StrType:
		text, rest, err := msgp.ReadStringZC(b)
		return appendText(line, text), rest, err
	case msgp.BinType:
		text, rest, err := msgp.ReadBytesZC(b)
		return appendText(line, text), rest, err
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(b)
		return append(line, "null"...), rest, err
	case msgp.BoolType:
		v, rest, err := msgp.ReadBoolBytes(b)
		return strconv.AppendBool(line, v), rest, err
	case msgp.UintType:
		v, rest, err := msgp.ReadUint64Bytes(b)
		return strconv.AppendUint(line, v, 10), rest, err
	case msgp.IntType:
		v, rest, err := msgp.ReadInt64Bytes(b)
		return strconv.AppendInt(line, v, 10), rest, err
	case msgp.Float32Type:
		v, rest, err := msgp.ReadFloat32Bytes(b)
		return appendNumber(line, float64(v), 32), rest, err
	case msgp.Float64Type:
		v, rest, err := msgp.ReadFloat64Bytes(b)
		return appendNumber(line, v, 64), rest, err
	}
	rest, err = msgp.Skip(b)
	if err != nil {
		return line, b, err
	}
	if at, ok := eventTime(b); ok {
		seconds := float64(binary.BigEndian.Uint32(at[:4])) + float64(binary.BigEndian.Uint32(at[4:]))/1e9
		return strconv.AppendFloat(line, seconds, 'f', -1, 64), rest, nil
	}
	return appendText(line, []byte(hex.EncodeToString(b[:len(b)-len(rest)]))), rest, nil
}

func appendMap(line, b []byte) (_, rest []byte, err error) {
	size, rest, err := msgp.ReadMapHeaderBytes(b)
	line = append(line, '{')
	for i := uint32(0); i < size && err == nil; i++ {
		if i > 0 {
			line = append(line, ',')
		}
		line, rest, err = appendName(line, rest)
		line = append(line, ':')
		if err == nil {
			line, rest, err = appendValue(line, rest)
		}
	}
	return append(line, '}'), rest, err
}

// appendName appends a key. A key that is no text becomes its JSON as text.
func appendName(line, b []byte) (_, rest []byte, err error) {
	switch msgp.NextType(b) {
	case msgp.StrType, msgp.BinType:
		return appendValue(line, b)
	}
	name, rest, err := appendValue(nil, b)
	return appendText(line, name), rest, err
}

func appendArray(line, b []byte) (_, rest []byte, err error) {
	size, rest, err := msgp.ReadArrayHeaderBytes(b)
	line = append(line, '[')
	for i := uint32(0); i < size && err == nil; i++ {
		if i > 0 {
			line = append(line, ',')
		}
		line, rest, err = appendValue(line, rest)
	}
	return append(line, ']'), rest, err
}

func appendText(line, text []byte) []byte {
	line, _ = jsontext.AppendQuote(line, text) // what is not UTF-8 becomes U+FFFD
	return line
}

func appendNumber(line []byte, v float64, bits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.AppendQuote(line, strconv.FormatFloat(v, 'g', -1, bits))
	}
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(line, v, 'g', -1, bits)
	}
	return strconv.AppendFloat(line, v, 'f', -1, bits)
}
