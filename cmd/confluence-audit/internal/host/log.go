package host

import (
	"bufio"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fluent-bit-confluence/internal/redact"
)

// outputLog keeps the last lines of Fluent Bit's log about outputs and errors.
type outputLog struct {
	mu      sync.Mutex
	lines   []string
	ended   chan struct{}
	secrets []string // of the configuration
}

// maxKept bounds the lines.
const maxKept = 200

func (l *outputLog) read(r io.Reader) {
	defer close(l.ended)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		text := lines.Text()
		if strings.Contains(text, "[output:") || strings.Contains(text, "[error]") || strings.Contains(text, "[ warn]") {
			l.mu.Lock()
			l.lines = append(l.lines, redact.Quote(text, maxShown, l.secrets...))
			l.lines = l.lines[max(0, len(l.lines)-maxKept):]
			l.mu.Unlock()
		}
	}
	// A line that is too long ends the scanner. Read on, so that Fluent Bit does not block.
	_, _ = io.Copy(io.Discard, r)
}

var (
	logHead = regexp.MustCompile(`^\[[^]]*\] \[[a-z ]+\] (\[[^]]*\] )*`)
	starts  = regexp.MustCompile(`worker #|initializ|registered|version=`)
)

// FirstError returns the first error, "" if there is none.
func (l *outputLog) FirstError() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.lines, func(line string) bool { return strings.Contains(line, "[error]") })
	if i < 0 {
		return ""
	}
	return logHead.ReplaceAllString(l.lines[i], "")
}

// About returns the last line about an output that tells the receiver's answer, preferably an error.
func (l *outputLog) About(output string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := ""
	for _, line := range l.lines {
		bad := strings.Contains(line, "[error]") || strings.Contains(line, "[ warn]")
		text := logHead.ReplaceAllString(line, "")
		switch {
		case !strings.Contains(line, ":"+output+"]") || starts.MatchString(text):
		case bad:
			return text
		default:
			last = text
		}
	}
	return last
}

// Refusal returns the last error of any output, preferably one with the receiver's answer.
func (l *outputLog) Refusal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := ""
	for _, line := range l.lines {
		text := logHead.ReplaceAllString(line, "")
		if strings.Contains(last, "status=") && !strings.Contains(text, "status=") {
			continue
		}
		if strings.Contains(line, "[output:") && (strings.Contains(line, "[error]") || strings.Contains(line, "[ warn]")) {
			last = text
		}
	}
	return last
}
