package event

import "fluent-bit-confluence/internal/document"

// put and its like write one member of the object that is open.

func Put(w document.Writer, name, text string) {
	w.Name(name)
	w.Text(text)
}

func PutBytes(w document.Writer, name string, text []byte) {
	if len(text) > 0 {
		w.Name(name)
		w.TextBytes(text)
	}
}

func PutInt(w document.Writer, name string, n int64) {
	w.Name(name)
	w.Integer(n)
}

// PutTexts writes a list of texts, unless there are none.
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
