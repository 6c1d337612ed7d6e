// Command pictures draws a session with the operator's tool as SVG, from the output of the real
// program on a terminal:
//
//	pictures TOOL FILE
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// columns is the width of the terminal.
const columns = 100

// session holds the commands, which run with a simulated site.
var session = []string{
	"confluence-audit simulate --rate 0 -- check",
	"confluence-audit simulate --rate 0 -- preview --last 6",
	"confluence-audit simulate --rate 0 --fault free-plan -- check",
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pictures TOOL FILE")
		os.Exit(2)
	}
	text, err := play(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], []byte(draw(text)), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// erased matches what a line showed before the program erased it.
var erased = regexp.MustCompile("[^\n]*\r\x1b\\[K")

var port = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// play runs the session and returns the content of the terminal, with its colours.
func play(tool string) (string, error) {
	var screen strings.Builder
	for i, line := range session {
		if i > 0 {
			screen.WriteByte('\n')
		}
		fmt.Fprintf(&screen, "\x1b[1m$ %s\x1b[0m\n", line)
		words := strings.Fields(line)
		// Any free port; the picture has the usual one.
		args := append([]string{words[1], "--listen", "127.0.0.1:0"}, words[2:]...)
		cmd := exec.Command(tool, args...)
		cmd.Env = append(os.Environ(), "TERM=xterm", fmt.Sprint("COLUMNS=", columns), "NO_COLOR=")
		output, err := onTerminal(cmd)
		if err != nil {
			return "", err
		}
		screen.WriteString(port.ReplaceAllString(erased.ReplaceAllString(strings.ReplaceAll(output, "\r\n", "\n"), ""), "127.0.0.1:8080"))
	}
	return screen.String(), nil
}
