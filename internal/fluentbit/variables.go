package fluentbit

import "strings"

// expand replaces ${NAME} and ${NAME:-default}. A variable that is empty counts as not set.
func expand(value string, lookup func(string) string) (expanded string, unset []string) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(value, "${")
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			b.WriteString(value)
			return b.String(), unset
		}
		b.WriteString(before)
		name, fallback, hasFallback := strings.Cut(name, ":-")
		switch text := lookup(name); {
		case text != "":
			b.WriteString(text)
		case hasFallback:
			b.WriteString(fallback)
		default:
			unset = append(unset, name)
		}
		value = rest
	}
}

// expand replaces the variables in the values of a section.
func (r *reader) expand(section Properties, getenv func(string) string) {
	lookup := func(name string) string {
		if value, ok := r.env[name]; ok {
			return value
		}
		return getenv(name)
	}
	for i := range section {
		p := &section[i]
		p.Value, p.Unset = expand(p.Value, lookup)
	}
}

// setEnv keeps a variable that a file sets. The text can be a file:// address, which stands for the file's content.
func (r *reader) setEnv(name, text string) {
	if path, ok := strings.CutPrefix(text, "file://"); ok {
		// A file that is missing leaves the variable without a value, as in Fluent Bit.
		data, err := readFile(path)
		if err != nil {
			data = nil
		}
		text = strings.TrimRight(string(data), "\r\n")
	}
	r.env[name] = text
}
