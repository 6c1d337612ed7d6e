package paging

import "testing"

// Of a page whose end is missing, the whole records are counted, and the one that is cut off is
// found. A record that ends with the page may go on behind it.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body  string
		whole int
		last  string
	}{
		{"", 0, ""},
		{"  ", 0, ""},
		{"[{},{}", 0, ""},
		{`{"results"`, 0, ""},
		{`{"results":`, 0, ""},
		{`{"results":[`, 0, ""},
		{`{"results":[]`, 0, ""},
		{`{"results":{"a":1`, 0, ""},
		{`{"results":[{"a":1`, 0, `{"a":1`},
		{`{"results":[{"a":1}`, 0, `{"a":1}`},
		{`{"results":[12`, 0, `12`},
		{`{"results":[{"a":1},`, 1, ""},
		{`{"results":[{"a":1}],"size":1`, 1, ""},
		{`{"start":0,"results":[{"a":1}, {"b":[`, 1, `{"b":[`},
		{`{"results":[1,2,3,4,5`, 3, ""},
		{`{"start":"x`, 0, ""},
	} {
		if whole, last := Results.cutOff([]byte(tt.body), 3); whole != tt.whole || string(last) != tt.last {
			t.Errorf("%s: %d whole, and %q; want %d, and %q", tt.body, whole, last, tt.whole, tt.last)
		}
	}
}
