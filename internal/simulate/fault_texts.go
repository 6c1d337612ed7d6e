package simulate

import (
	_ "embed"
	"regexp"
	"strings"
)

// The kinds are explained where they are declared, and what stands there is what `--fault list`
// shows: a second table would be forgotten.
//
//go:embed fault_kinds.go
var declarations string

var declaration = regexp.MustCompile(`(?m)((?:^\t// .+\n)+)\tFault\w+\s+FaultKind = "([^"]+)"$`)

// FaultText explains a kind in a few words, with what its value means.
func FaultText(kind FaultKind) string {
	for _, m := range declaration.FindAllStringSubmatch(declarations, -1) {
		if FaultKind(m[2]) == kind {
			return strings.Join(strings.Fields(strings.ReplaceAll(m[1], "\t// ", "")), " ")
		}
	}
	return ""
}
