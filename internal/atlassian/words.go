package atlassian

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxSaid bounds how much of a server's words a message quotes, in bytes.
const MaxSaid = 300

// says returns the server's words in an answer: the text of its JSON or HTML, on one line, without
// our secrets. It is empty if there are none.
func (c *Client) says(a *Answer) string {
	text := Words(a)
	// The gateway's category says more than its words.
	if category := a.Header.Get("X-Failure-Category"); category != "" {
		text = strings.TrimSpace(text + " (" + category + ")")
	} else if reason := a.Header.Get("Ratelimit-Reason"); reason != "" {
		text = strings.TrimSpace(text + " (" + reason + ")")
	}
	return c.Quote(text, MaxSaid)
}

// Words returns the words of an answer's body.
func Words(a *Answer) string {
	body := bytes.TrimSpace(bytes.TrimPrefix(a.Body[:min(len(a.Body), maxErrorBody)], []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return ""
	case body[0] == '{' || body[0] == '[':
		if text := jsonWords(body, 0); text != "" || len(body) == len("{}") {
			return text
		}
	case body[0] == '<' || a.IsHTML():
		return htmlWords(body)
	}
	return string(body)
}

// wordMembers are the members in which servers say what is wrong, the most specific first: those of
// RFC 6749 (OAuth), Confluence and Jira, Spring, and RFC 9457.
var wordMembers = []string{"error_description", "message", "errorMessages", "errorMessage", "detail", "description",
	"reason", "translation", "title", "errors", "data", "error"}

// jsonWords returns the words in a JSON value, empty if there are none.
func jsonWords(value jsontext.Value, depth int) string {
	const deepest, most = 6, 3
	if depth > deepest {
		return ""
	}
	switch value.Kind() {
	case '"':
		return strings.TrimSpace(Unquote(value))
	case '[':
		var all []string
		dec := jsontext.NewDecoder(bytes.NewBuffer(value), Lenient...)
		if _, err := dec.ReadToken(); err != nil {
			return ""
		}
		for len(all) < most && dec.PeekKind() != ']' {
			element, err := dec.ReadValue()
			if err != nil {
				break
			}
			if text := jsonWords(element, depth+1); text != "" {
				all = append(all, text)
			}
		}
		return strings.Join(all, "; ")
	case '{':
		found := make(map[string]string)
		_ = EachMember(value, func(name string, value jsontext.Value) {
			found[name] = jsonWords(value, depth+1)
		})
		for _, name := range wordMembers {
			text := found[name]
			if text == "" {
				continue
			}
			// RFC 6749 has an error code beside the description.
			if code := found["error"]; code != "" && code != text && !strings.Contains(code, " ") {
				text += " (" + code + ")"
			}
			return text
		}
	}
	return ""
}

var (
	htmlTitle  = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlUnseen = regexp.MustCompile(`(?is)<!--.*?-->|<(script|style|title|noscript|svg)\b.*?</(script|style|title|noscript|svg)\s*>`)
	htmlTag    = regexp.MustCompile(`(?s)<[^>]*>?`)
)

// htmlWords returns what a page of HTML or XML shows: its title and its text, without the title if
// the text begins with it.
func htmlWords(page []byte) string {
	line := func(text []byte) string {
		return strings.Join(strings.Fields(html.UnescapeString(string(htmlTag.ReplaceAll(text, []byte(" "))))), " ")
	}
	title := ""
	if match := htmlTitle.FindSubmatch(page); match != nil {
		title = line(match[1])
	}
	text := line(htmlUnseen.ReplaceAll(page, []byte(" ")))
	switch {
	case title == "" || strings.HasPrefix(text, title):
		return text
	case text == "":
		return title
	}
	return title + ": " + text
}
