package chunk

import (
	"encoding/binary"
	"errors"

	"github.com/tinylib/msgp/msgp"
)

// An Event is one event in msgpack, as Fluent Bit keeps it: [[time, metadata], record], or [time,
// record] as it was before Fluent Bit 2.1.
type Event []byte

var errShape = errors.New("no log event")

// split returns the time and the record.
func (e Event) split() (time, record []byte, err error) {
	size, rest, err := msgp.ReadArrayHeaderBytes(e)
	if err != nil || size != 2 {
		return nil, nil, errShape
	}
	time = rest
	if record, err = msgp.Skip(rest); err != nil {
		return nil, nil, err
	}
	if msgp.NextType(time) == msgp.ArrayType {
		if size, time, err = msgp.ReadArrayHeaderBytes(time); err != nil || size != 2 {
			return nil, nil, errShape
		}
	}
	if msgp.NextType(record) != msgp.MapType {
		return nil, nil, errShape
	}
	return time, record, nil
}

func (e Event) valid() bool {
	time, _, err := e.split()
	if err != nil {
		return false
	}
	switch msgp.NextType(time) {
	case msgp.IntType, msgp.UintType, msgp.Float32Type, msgp.Float64Type, msgp.ExtensionType, msgp.TimeType:
		return true
	}
	return false
}

// Marker tells whether an event is a record, or marks the start or the end of a group of records.
type Marker int

// The markers.
const (
	None Marker = iota
	GroupStart
	GroupEnd
)

// Marker returns the marker of an event, which shows in its time: -1 or -2 seconds
// (flb_log_event.h).
func (e Event) Marker() Marker {
	time, _, err := e.split()
	if err != nil {
		return None
	}
	seconds, nanoseconds := int64(0), uint32(0)
	switch at, isTime := eventTime(time); {
	case isTime:
		seconds, nanoseconds = int64(int32(binary.BigEndian.Uint32(at[:4]))), binary.BigEndian.Uint32(at[4:])
	case msgp.NextType(time) == msgp.IntType:
		seconds, _, _ = msgp.ReadInt64Bytes(time)
	}
	switch {
	case nanoseconds != 0:
	case seconds == -1:
		return GroupStart
	case seconds == -2:
		return GroupEnd
	}
	return None
}

// eventTime returns the seconds and nanoseconds of a time in Fluent's own type, which is extension
// 0 with 8 bytes.
func eventTime(b []byte) (at []byte, ok bool) {
	const fixExt8, ext8 = 0xd7, 0xc7
	switch {
	case len(b) >= 10 && b[0] == fixExt8 && b[1] == 0:
		return b[2:10], true
	case len(b) >= 11 && b[0] == ext8 && b[1] == 8 && b[2] == 0:
		return b[3:11], true
	}
	return nil, false
}
