package terminal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text  string
		width int
		want  []string
	}{
		"fits":          {"one two", 7, []string{"one two"}},
		"breaks":        {"one two three", 9, []string{"one two", "three"}},
		"word too long": {"an https://acme.atlassian.net/wiki of it", 10, []string{"an", "https://acme.atlassian.net/wiki", "of it"}},
		"no width":      {"one  two", 0, []string{"one  two"}},
		"nothing":       {"", 10, []string{""}},
		"not bytes":     {"ÄÖÜ ÄÖÜ", 7, []string{"ÄÖÜ ÄÖÜ"}},
	} {
		if diff := cmp.Diff(tt.want, Wrap(tt.text, tt.width)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := Screen{Writer: &b, Colourful: true, Width: 40}
	s.Hang(s.Paint(Red, "✗")+" permission ", 13, "the account may not read the audit log of acme.atlassian.net")
	want := "\x1b[31m✗\x1b[0m permission the account may not read\n" +
		strings.Repeat(" ", 13) + "the audit log of\n" + strings.Repeat(" ", 13) + "acme.atlassian.net\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Text of others cannot move the cursor, change colours or the direction of writing.
func TestPlain(t *testing.T) {
	t.Parallel()
	if got, want := Plain("a\x1b[2Jb\r\nc\u202Ed\xff"), "a\uFFFD[2Jb  c\uFFFDd\uFFFD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A pipe gets neither colours nor a status line, and its lines are not broken. It gets notes, each
// once as long as it stays the same.
func TestPipe(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := On(&b)
	s.Hang(s.Paint(Red, "x "), 2, strings.Repeat("word ", 40)+"end")
	status := NewStatus(&b)
	status.Show("working")
	status.Note("waiting\x1b")
	status.Note("waiting\x1b")
	status.Note("still waiting")
	status.Clear()
	if got := b.String(); strings.Count(got, "\n") != 3 || strings.ContainsAny(got, "\x1b\r") {
		t.Errorf("got %q", got)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"abcdef": "abcd…", "abcde": "abcde", "佐藤 花子": "佐藤…", "e\u0301e\u0301": "e\u0301e\u0301", "": ""} {
		if got := Cut(text, 5); got != want {
			t.Errorf("%q is cut to %q, want %q", text, got, want)
		}
	}
}
