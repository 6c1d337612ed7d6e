package glance

import (
	"testing"

	"fluent-bit-confluence/internal/terminal"
)

// The text of a record cannot control the terminal, and a record of any form has a line.
func TestGlance(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ event, want string }{
		"harmful":    {`{"@timestamp":"2026-11-25T22:00:00.000Z","event":{"action":"a\u001b[2Jb"},"user":{"full_name":"x\ny"}}`, "2026-11-25 22:00:00  a\uFFFD[2Jb  x y"},
		"unreadable": {`{"@timestamp":"2026-11-25T22:00:00.000Z","event":{"original":"<html>"}}`, "2026-11-25 22:00:00  <html>"},
		"nothing":    {`{"@timestamp":"2026-11-25T22:00:00.000Z"}`, "2026-11-25 22:00:00  a record that cannot be read"},
		"group with its id": {
			`{"@timestamp":"2026-11-25T22:00:00.000Z","event":{"action":"User added"},"user":{"full_name":"Ada","target":{"full_name":"Bo"}},"group":{"name":"staff"},
			 "source":{"ip":"192.0.2.1"},"confluence":{"audit":{"affected_objects":[{"name":"staff:7c1d"},{"name":"Bo"}]}}}`,
			"2026-11-25 22:00:00  User added  Ada  Bo, staff  192.0.2.1",
		},
	} {
		if got := Of([]byte(tt.event)).Line(terminal.Screen{}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
