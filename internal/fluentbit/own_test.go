package fluentbit

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/fluentbit/odd"
	"fluent-bit-confluence/internal/manual"
)

var update = flag.Bool("update", false, "write the table of Fluent Bit's own keys into the manual")

// Values of reserved keys are judged as the real Fluent Bit does.
func TestOwnKeys(t *testing.T) {
	t.Parallel()
	for _, v := range odd.Values() {
		in := Section{Properties: []Property{{Key: strings.ToUpper(v.Key), Value: v.Value}}}
		if got := in.Mistakes(); len(got) > 0 != v.Mistake {
			t.Errorf("%s %q: %q, want a mistake: %v", v.Key, v.Value, got, v.Mistake)
		}
	}
	for _, key := range OwnKeys() {
		if !Reserved(key.Name) {
			t.Errorf("%s reaches the plugin", key.Name)
		}
		// Fluent Bit reads an empty value as not set.
		if got := (Section{Properties: []Property{{Key: key.Name}}}).Mistakes(); len(got) > 0 {
			t.Errorf("%s without a value: %q", key.Name, got)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	in := Section{Properties: []Property{{Key: "Log_Level", Value: "loud"}, {Key: "retry_limit", Value: "5"}, {Key: "mem_buf_limit", Value: "M"}}}
	want := `Log_Level "loud": want one of off, error, warn, info, debug, trace, warning
retry_limit does nothing in this input: it belongs into outputs; leave it out
mem_buf_limit "M": want bytes such as 500000, 50M or 50MB`
	if got := strings.Join(in.Mistakes(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Of a repeated reserved key the last one wins.
func TestLastWins(t *testing.T) {
	t.Parallel()
	in := Section{Properties: []Property{{Key: "alias", Value: "a"}, {Key: "Alias", Value: "b"}, {Key: "alias"}, {Key: "name", Value: "x"}, {Key: "name", Value: "y"}}}
	if in.Get("alias") != "b" || in.Get("name") != "x" {
		t.Errorf("alias %q, name %q", in.Get("alias"), in.Get("name"))
	}
}

func TestDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Key | Description | Default |\n| :--- | :--- | :--- |\n")
	for _, key := range OwnKeys() {
		if key.Help != "" {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", key.Name, key.Help, key.Default)
		}
	}
	if err := manual.Check("../../docs/configuration.md", "own keys", b.String(), *update); err != nil {
		t.Error(err)
	}
}
