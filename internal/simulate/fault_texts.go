package simulate

import (
	_ "embed"
	"regexp"
	"strings"
)

// The comments at the declarations are what `--fault list` shows, so that no second table can
// differ from them.
//
//go:embed fault_kinds.go
var declarations string

var declaration = regexp.MustCompile(`(?m)((?:^\t// .+\n)+)\tFault\w+\s+FaultKind = "([^"]+)"$`)

// FaultText explains a kind and its value in a few words.
func FaultText(kind FaultKind) string {
	for _, m := range declaration.FindAllStringSubmatch(declarations, -1) {
		if FaultKind(m[2]) == kind {
			return strings.Join(strings.Fields(strings.ReplaceAll(m[1], "\t// ", "")), " ")
		}
	}
	return ""
}
