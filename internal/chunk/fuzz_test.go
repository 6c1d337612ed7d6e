package chunk

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// From any file only complete events are read. Their records can be written as JSON, and the events
// can be written and read again.
func FuzzReader(f *testing.F) {
	files, err := filepath.Glob("testdata/*.flb")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.TrimRight(file, "\x00"))
	}
	f.Add(File("t", events(3)))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file))
		var all []byte
		n := 0
		for err == nil {
			var event Event
			if event, err = r.Next(); err != nil {
				break
			}
			line, lineErr := event.AppendJSON(nil)
			if lineErr != nil || !json.Valid(line) {
				t.Fatalf("%x is %q: %v", []byte(event), line, lineErr)
			}
			all, n = append(all, event...), n+1
		}
		if n == 0 {
			return
		}
		again, err := NewReader(bytes.NewReader(File("t", all)))
		for ; err == nil; n-- {
			_, err = again.Next()
		}
		if n != -1 {
			t.Fatalf("%d events are missing when written and read again: %v", n+1, err)
		}
	})
}
