package document

// Writer writes an event in one format: msgpack for Fluent Bit, JSON for the command line. Each
// call adds one value, or one member's name, to the innermost open container. The caller must keep
// to the grammar.
type Writer interface {
	BeginObject()
	EndObject()
	BeginArray()
	EndArray()
	Name(string)
	NameBytes([]byte)
	Text(string)
	TextBytes([]byte) // valid UTF-8
	Integer(int64)
	Number(literal []byte) // a JSON number
	Bool(bool)
	Null()
}
