package check

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

func TestListInColour(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := &textReport{screen: terminal.Screen{Writer: &b, Colourful: true}}
	l.begin(input.Input{Where: "fluent-bit.conf:3"}, config.Settings{}, nil, []string{"overlap is short"})
	l.step(site.Step{Name: "address", Status: site.OK, Detail: "https://acme.atlassian.net"})
	l.step(site.Step{Name: "permission", Status: site.Fail, Err: &atlassian.Error{Message: "no access", Remedy: "ask for it", Status: 403}})
	l.step(site.Step{Name: "clock", Status: site.Skip})
	if ok, err := l.end(); ok || err != nil {
		t.Errorf("ok %v, error %v", ok, err)
	}
	want := "\x1b[1mfluent-bit.conf:3\x1b[0m\n" +
		"\x1b[33m!\x1b[0m overlap is short\n" +
		"\x1b[32m✓\x1b[0m address        https://acme.atlassian.net\n" +
		"\x1b[31m✗\x1b[0m permission     no access (HTTP 403)\n" +
		"                 → ask for it\n" +
		"\x1b[90m-\x1b[0m clock\n" +
		"\n\x1b[31m✗\x1b[0m records cannot be read: permission; 1 warning\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}
