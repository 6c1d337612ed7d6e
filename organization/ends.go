package organization

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
)

// ends is what an answer says about the next page.
type ends struct{ meta, link string }

// read takes notice of a member of an answer.
func (e *ends) read(name string, value jsontext.Value) {
	switch name {
	case "meta":
		e.meta = next(value)
	case "links":
		e.link = next(value)
	}
}

// cursor returns the cursor of the next page, empty if there is none: that of meta or, without one,
// that in a link.
func (e *ends) cursor() string {
	if cursor, found := cursorIn(e.meta); found {
		return cursor
	}
	link, _ := cursorIn(e.link)
	return cmp.Or(e.meta, link)
}

// next returns the text of the member next of an object, empty if there is none.
func next(object jsontext.Value) (text string) {
	_ = atlassian.EachMember(object, func(name string, value jsontext.Value) {
		if name == "next" {
			text = atlassian.Unquote(value)
		}
	})
	return text
}

// cursorIn returns the cursor in an address, such as the link to the next page. Nothing else of the
// address counts, so it leads to no other host.
func cursorIn(address string) (cursor string, found bool) {
	u, err := url.Parse(address)
	if err != nil || !u.Query().Has("cursor") {
		return "", false
	}
	// A cursor has no blanks: one stands for a plus that was not escaped.
	return strings.ReplaceAll(u.Query().Get("cursor"), " ", "+"), true
}
