package event

import "fluent-bit-confluence/internal/document"

// Put writes one member of the open object.
func Put(w document.Writer, name, text string) {
	w.Name(name)
	w.Text(text)
}

// PutBytes is Put for bytes. It writes nothing if they are empty.
func PutBytes(w document.Writer, name string, text []byte) {
	if len(text) > 0 {
		w.Name(name)
		w.TextBytes(text)
	}
}

// PutInt is Put for a number.
func PutInt(w document.Writer, name string, n int64) {
	w.Name(name)
	w.Integer(n)
}

// PutTexts writes a list of texts, nothing if it is empty.
func PutTexts(w document.Writer, name string, texts ...string) {
	if len(texts) == 0 {
		return
	}
	w.Name(name)
	w.BeginArray()
	for _, t := range texts {
		w.Text(t)
	}
	w.EndArray()
}
