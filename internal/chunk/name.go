package chunk

import (
	"regexp"
	"strings"
)

// An Origin is what the name of a rejected chunk tells: with which tag its events went to which
// output. "/", "\" and ":" are "_" there, and what is long is cut (flb_storage_quarantine_chunk).
type Origin struct{ Tag, Output string }

// How long the parts of a name are at most.
const maxTag, maxOutput = 127, 63

var (
	rejected = regexp.MustCompile(`^(.+)_0x[0-9a-f]+\.flb$`)
	status   = regexp.MustCompile(`_-?[0-9]+_`)
)

// Origins returns what the name of a file can mean, nothing when Fluent Bit does not give such
// names to rejected chunks. There are several when a tag or an output has a number between
// underscores: TAG_STATUS_OUTPUT_ADDRESS.flb. The one with the shortest output is first.
func Origins(name string) []Origin {
	m := rejected.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	var found []Origin
	for end := len(m[1]); end > 0; {
		at := -1
		for i := strings.LastIndexByte(m[1][:end], '_'); i >= 0; i = strings.LastIndexByte(m[1][:i], '_') {
			if loc := status.FindStringIndex(m[1][i:]); loc != nil && loc[0] == 0 {
				at = i
				break
			}
		}
		if at < 0 {
			break
		}
		width := len(status.FindString(m[1][at:]))
		if tag, output := m[1][:at], m[1][at+width:]; tag != "" && output != "" {
			found = append(found, Origin{tag, output})
		}
		end = at
	}
	return found
}

// HasTag tells whether a tag is written so in the name.
func (o Origin) HasTag(tag string) bool { return o.Tag == written(tag, maxTag) }

// HasOutput tells whether the name of an output is written so.
func (o Origin) HasOutput(name string) bool { return o.Output == written(name, maxOutput) }

func written(text string, most int) string {
	text = strings.NewReplacer("/", "_", `\`, "_", ":", "_").Replace(text)
	return text[:min(len(text), most)]
}
