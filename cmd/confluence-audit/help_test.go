package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// Help fits a terminal of 80 columns, and its texts end as they should.
func TestHelp(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	for _, cmd := range append(root.Commands(), root) {
		var b bytes.Buffer
		writeHelp(&b, cmd)
		for line := range strings.Lines(b.String()) {
			if utf8.RuneCountInString(line) > 81 && !strings.Contains(cmd.Example, strings.TrimRight(line, "\n")) {
				t.Errorf("%s: the line is too wide: %s", cmd.Name(), line)
			}
		}
		if strings.HasSuffix(cmd.Short, ".") || cmd.Short == "" {
			t.Errorf("%s: want a short help without a full stop, not %q", cmd.Name(), cmd.Short)
		}
		own, keys := flagsOf(cmd)
		for _, f := range append(own, keys...) {
			if !strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: want a help text that ends in a full stop, not %q", cmd.Name(), f.Name, f.Usage)
			}
		}
	}
}
