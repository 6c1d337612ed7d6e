package fluentbit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// classic reads the format of fluent-bit.conf: [SECTION] headers, "key value" lines, and commands that begin with @.
func (r *reader) classic(path string, data []byte) error {
	const other, service = -1, -2
	section := other // index of the input that the lines belong to
	indent := -1     // of the section's keys; deeper lines belong to a group
	inGroup := false
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		where := fmt.Sprintf("%s:%d", path, number)
		line = strings.TrimRight(line, " \t\r\n")
		text := strings.TrimLeft(line, " \t")
		depth := len(line) - len(text)
		switch {
		case text == "" || text[0] == '#':
		case depth == 0 && text[0] == '@':
			if err := r.command(where, text); err != nil {
				return err
			}
		case depth == 0 && text[0] == '[':
			name, _, closed := strings.Cut(text[1:], "]")
			if !closed {
				return fmt.Errorf("%s: want [SECTION] with a closing bracket", where)
			}
			section, indent, inGroup = other, -1, false
			switch {
			case strings.EqualFold(name, "INPUT"):
				section = len(r.inputs)
				r.inputs = append(r.inputs, Input{Where: where})
			case strings.EqualFold(name, "SERVICE"):
				section = service
			}
		case text[0] == '[':
			indent, inGroup = depth, true
		case section == other || inGroup && depth > indent:
		default:
			key, value, ok := strings.Cut(text, " ")
			if !ok {
				return fmt.Errorf("%s: want a key, a space and a value; Fluent Bit refuses %q", where, firstWord(text))
			}
			indent, inGroup = depth, false
			keys := &r.service
			if section != service {
				keys = &r.inputs[section].Properties
			}
			*keys = append(*keys, Property{Key: key, Value: strings.TrimSpace(value)})
		}
	}
	return nil
}

// firstWord is the key of a line that may hold a secret behind it.
func firstWord(text string) string { return strings.Fields(text)[0] }

// command obeys @SET and @INCLUDE. It changes no section, so lines that follow belong where they did before.
func (r *reader) command(where, text string) error {
	name, argument, _ := strings.Cut(text, " ")
	argument = strings.TrimSpace(argument)
	switch strings.ToUpper(name) {
	case "@SET":
		name, value, ok := strings.Cut(argument, "=")
		if !ok {
			return fmt.Errorf("%s: want @SET name=value", where)
		}
		r.env[strings.TrimSpace(name)] = strings.TrimSpace(value)
	case "@INCLUDE":
		return r.include(r.locate(argument))
	}
	return nil
}

// locate finds an included file: relative to the current folder, or else to that of the first file.
func (r *reader) locate(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	return filepath.Join(r.root, path)
}
