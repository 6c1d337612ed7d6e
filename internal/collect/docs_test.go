package collect

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/manual"
)

var update = flag.Bool("update", false, "rewrite what the tests compare with")

//go:generate go test -run TestDocumentation -update

func TestDocumentation(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| Member of `collector` | Meaning |\n| :--- | :--- |\n")
	for _, m := range members {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m.name, m.help)
	}
	if err := manual.Check("../../docs/schemas.md", "collector", b.String(), *update); err != nil {
		t.Error(err)
	}
}
