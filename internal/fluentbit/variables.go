package fluentbit

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// maxName is the length from which Fluent Bit does not accept the name of a variable.
const maxName = 4096

// expand replaces ${NAME} and ${NAME:-default}. An empty variable takes the default. It treats
// stray braces as Fluent Bit does: a "}" before the next "${" ends the search, and if a variable
// came before it, the text between is lost.
func expand(value string, lookup func(string) (string, bool)) (expanded string, unset []string) {
	var b strings.Builder
	rest, tail, found := value, "", false
	for rest != "" {
		start, end := strings.Index(rest, "${"), strings.IndexByte(rest, '}')
		if start < 0 {
			break
		}
		if end < 0 {
			tail = ""
			break
		}
		tail = rest[end+1:]
		if size := end - start - 2; size <= 0 || size >= maxName {
			break
		}
		found = true
		b.WriteString(rest[:start])
		name, fallback, hasDefault := cutDefault(rest[start+2 : end])
		text, set := lookup(name)
		switch {
		case set && (text != "" || !hasDefault):
			b.WriteString(text)
		case hasDefault:
			b.WriteString(fallback)
		default:
			unset = append(unset, name)
		}
		rest = tail
	}
	if !found {
		return value, nil
	}
	return b.String() + tail, unset
}

// cutDefault splits name:-default. Only the first colon counts.
func cutDefault(text string) (name, fallback string, ok bool) {
	name, rest, _ := strings.Cut(text, ":")
	if fallback, ok = strings.CutPrefix(rest, "-"); ok {
		return name, fallback, true
	}
	return text, "", false
}

// setEnv notes a variable that a file sets. The text can be a file:// address, which means the
// content of that file.
func (r *reader) setEnv(name, text string) error {
	if name == "" {
		return errors.New("a variable without a name, Fluent Bit refuses that")
	}
	if path, ok := strings.CutPrefix(text, "file://"); ok && path != "" {
		content, err := envFile(path)
		if err != nil {
			return err
		}
		text = content
	}
	r.env[name] = text
	return nil
}

// envFile reads the file of a file:// variable. One line end is removed, of \r\n only the \n.
func envFile(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file, Fluent Bit refuses it", path)
	}
	data, err := readFile(path, maxSize)
	if err != nil {
		return "", fmt.Errorf("%w: Fluent Bit does not start without it", err)
	}
	text := string(data)
	if strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\r") {
		text = text[:len(text)-1]
	}
	if text == "" {
		return "", fmt.Errorf("%s is empty, Fluent Bit refuses it", path)
	}
	return cString(text), nil
}

// cString returns the part of a text that C sees: up to a zero byte.
func cString(text string) string {
	before, _, _ := strings.Cut(text, "\x00")
	return before
}
