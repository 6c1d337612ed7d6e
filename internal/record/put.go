package record

// put and its like write one member of the object that is open.

func put(w writer, name, text string) {
	w.name(name)
	w.text(text)
}

func putBytes(w writer, name string, text []byte) {
	if len(text) > 0 {
		w.name(name)
		w.textBytes(text)
	}
}

func putInt(w writer, name string, n int64) {
	w.name(name)
	w.integer(n)
}

// putTexts writes a list of texts, unless there are none.
func putTexts(w writer, name string, texts ...string) {
	if len(texts) == 0 {
		return
	}
	w.name(name)
	w.beginArray()
	for _, t := range texts {
		w.text(t)
	}
	w.endArray()
}
