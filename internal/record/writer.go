package record

// writer is the notation an event is written in: msgpack for Fluent Bit, JSON for the command line. Each call adds one
// value, or one member's name, to the innermost container that is open; schemas keep to the grammar.
type writer interface {
	beginObject()
	endObject()
	beginArray()
	endArray()
	name(string)
	nameBytes([]byte)
	text(string)
	textBytes([]byte) // valid UTF-8
	integer(int64)
	number(literal []byte) // a JSON number
	bool(bool)
	null()
}
