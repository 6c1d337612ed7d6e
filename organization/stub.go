package organization

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
	"fluent-bit-confluence/internal/scan"
)

// maxMember is how many bytes a member may have that a stub takes over.
const maxMember = 1_000

var errTooMany = errors.New("more events than a page can have")

// list calls yield for each event of a list. An event that is too large is replaced by a stub: it
// must not hold up all others. The event is valid during the call only.
func list(value jsontext.Value, yield func(event jsontext.Value)) error {
	n := 0
	err := atlassian.EachElement(value, func(event jsontext.Value) {
		if n++; n > atlassian.MaxPageSize { // however few were asked for
			return
		}
		if len(event) > paging.MaxRecord {
			event = stub(event, paging.TooLarge)
		}
		yield(event)
	})
	if err == nil && n > atlassian.MaxPageSize {
		err = errTooMany
	}
	return err
}

// shallow returns a body with a stub in place of each event that nests too deep, false if there is
// none.
func shallow(body []byte) ([]byte, bool) {
	var out []byte
	done := 0
	i, more := scan.Space(body, 0), false
	if i < len(body) && body[i] == '{' {
		i, more = scan.First(body, i)
	}
	for more {
		name, value := scan.Name(body, i)
		if value >= 0 && value < len(body) && body[value] == '[' && string(name) == `"data"` {
			at, another := scan.First(body, value)
			for another {
				end := scan.Skip(body, at)
				if end < 0 {
					return nil, false
				}
				if event := body[at:end]; paging.NestsTooDeep(event) {
					out = append(append(out, body[done:at]...), stub(event, paging.TooDeep)...)
					done = end
				}
				at, another = scan.Next(body, end, ']')
			}
		}
		i, more = scan.Next(body, scan.Skip(body, value), '}')
	}
	return append(out, body[done:]...), done > 0
}

// stub returns an event in place of another: an event with its id, its times and its action, as far
// as they can be read, why it was replaced, its size and its beginning.
func stub(event []byte, why string) []byte {
	text := append([]byte{'{'}, copied(event, `"id"`, `"type"`)...)
	text = append(text, `"attributes":{`...)
	if attributes := member(event, `"attributes"`); attributes != nil {
		text = append(text, copied(attributes, `"time"`, `"processedAt"`, `"action"`)...)
	}
	text = append(text, `"message":{"content":"event left out: `+why+`","format":"simple"}},`...)
	return append(paging.AppendTruncated(text, event, why, false), '}')
}

// copied returns members of an object, each with a comma behind it, but for those that are long.
func copied(object []byte, names ...string) (text []byte) {
	for _, name := range names {
		if value := member(object, name); value != nil && len(value) <= maxMember && jsontext.Value(value).IsValid(atlassian.Lenient...) {
			text = append(append(append(text, name...), ':'), value...)
			text = append(text, ',')
		}
	}
	return text
}

// member returns the value of a member of an object, nil if it has none. The others may nest as
// deep as they like.
func member(object []byte, name string) []byte {
	if !bytes.HasPrefix(object, []byte{'{'}) {
		return nil
	}
	i, more := scan.First(object, 0)
	for more {
		found, value := scan.Name(object, i)
		end := scan.Skip(object, value)
		if end < 0 {
			return nil
		}
		if string(found) == name {
			return object[value:end]
		}
		i, more = scan.Next(object, end, '}')
	}
	return nil
}
