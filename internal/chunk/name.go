package chunk

import (
	"regexp"
	"strings"
)

// An Origin is what the name of a rejected chunk tells: the tag of its events and the output that
// rejected them. In the name "/", "\" and ":" become "_", and long parts are cut
// (flb_storage_quarantine_chunk).
type Origin struct{ Tag, Output string }

// The largest lengths of the parts of a name.
const maxTag, maxOutput = 127, 63

var (
	rejected = regexp.MustCompile(`^(.+)_0x[0-9a-f]+\.flb$`)
	status   = regexp.MustCompile(`_-?[0-9]+_`)
)

// Origins returns the possible meanings of a file name TAG_STATUS_OUTPUT_ADDRESS.flb, none when it
// is not the name of a rejected chunk. There are several when the tag or the output has a number
// between underscores. The one with the shortest output comes first.
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

// HasTag reports whether the tag in the name can be the given one.
func (o Origin) HasTag(tag string) bool { return o.Tag == written(tag, maxTag) }

// HasOutput reports whether the output in the name can be the given one.
func (o Origin) HasOutput(name string) bool { return o.Output == written(name, maxOutput) }

func written(text string, most int) string {
	text = strings.NewReplacer("/", "_", `\`, "_", ":", "_").Replace(text)
	return text[:min(len(text), most)]
}
