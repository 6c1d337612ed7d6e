package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrNoAnswer is the error of a question when the input ends without an answer.
var ErrNoAnswer = errors.New("there is no answer: the input has ended")

// An Asker asks the operator questions. They are written to w, and the answers are read from a
// terminal.
type Asker struct {
	in    *os.File
	lines *bufio.Reader
	w     io.Writer
}

// NewAsker returns an Asker that reads from in, false when in is no terminal.
func NewAsker(in io.Reader, w io.Writer) (*Asker, bool) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, false
	}
	return &Asker{in: f, lines: bufio.NewReader(f), w: w}, true
}

// Line asks for a line of text.
func (a *Asker) Line(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.w, question, ": ")
	return a.wait(ctx, func() (string, error) { return a.lines.ReadString('\n') })
}

// Secret asks for a line that is not shown.
func (a *Asker) Secret(ctx context.Context, question string) (string, error) {
	fd := int(a.in.Fd())
	shown, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("hide input: %w", err)
	}
	defer fmt.Fprintln(a.w)
	// At Ctrl-C ReadPassword does not return, so it does not show the input again.
	defer term.Restore(fd, shown) //nolint:errcheck
	fmt.Fprint(a.w, question, " (not shown): ")
	return a.wait(ctx, func() (string, error) {
		text, err := term.ReadPassword(fd)
		return string(text), err
	})
}

// wait waits for an answer, or until ctx ends, as at Ctrl-C. The read itself cannot be stopped: it
// ends with the process.
func (a *Asker) wait(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	given := make(chan answer, 1)
	go func() {
		text, err := read()
		given <- answer{strings.TrimSpace(text), err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.w)
		return "", ctx.Err()
	case got := <-given:
		if errors.Is(got.err, io.EOF) {
			return "", ErrNoAnswer
		}
		return got.text, got.err
	}
}
