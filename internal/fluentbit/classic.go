package fluentbit

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// classicFile is the state of the reader between two lines of a file in the classic format. That
// has [SECTION] headers, "key value" lines with equal indents, and commands that begin with @.
type classicFile struct {
	*reader
	path   string
	number int    // of the line
	kind   string // of the section that the lines belong to, "" before the first
	at     int    // the index of the section in sections, if it is kept
	group  string // the [GROUP] of the section that they belong to, "" outside one
	indent string // of the first key of the file; all others must have the same
	keys   int    // since the last header
}

// classic reads one file. An included file begins without a section, and afterwards the including
// file goes on in the section it was in.
func (r *reader) classic(path string, data []byte) error {
	c := classicFile{reader: r, path: path}
	for line := range strings.Lines(string(data)) {
		c.number++
		if text, ended := strings.CutSuffix(line, "\n"); ended {
			line = strings.TrimSuffix(text, "\r")
		}
		if err := c.line(line); err != nil {
			return fmt.Errorf("%s: %w", c.where(), err)
		}
	}
	return nil
}

func (c *classicFile) where() string { return fmt.Sprintf("%s:%d", c.path, c.number) }

// line reads one line. The characters #, @ and [ have their meaning in the first column only.
func (c *classicFile) line(line string) error {
	switch {
	case strings.Contains(line, "\x00"):
		return errors.New("a line with a zero byte: Fluent Bit loses text there")
	case c.number == 1 && strings.HasPrefix(line, "\ufeff"):
		return errors.New("the file begins with a byte order mark: save it without one, Fluent Bit refuses it")
	case line == "" || line[0] == '#':
		return nil
	case len(line) > len(include) && strings.EqualFold(line[:len(include)], include):
		return c.includeClassic(line[len(include):])
	case line[0] == '@' && len(line) > 3:
		return c.command(line)
	case line[0] == '[':
		return c.header(line)
	}
	return c.keyLine(line)
}

const include = "@INCLUDE "

// command executes @SET. Spaces within are part of the name and of the value.
func (c *classicFile) command(line string) error {
	name, argument, _ := strings.Cut(line, " ")
	if !strings.EqualFold(name, "@SET") {
		return fmt.Errorf("%s: Fluent Bit passes over it: want @SET name=value or @INCLUDE path, with one space", firstWord(line))
	}
	name, value, ok := strings.Cut(strings.Trim(argument, space), "=")
	if !ok || name == "" || value == "" {
		return errors.New("want @SET name=value")
	}
	if err := c.setEnv(name, value); err != nil {
		return fmt.Errorf("@SET %s: %w", name, err)
	}
	return nil
}

func (c *classicFile) header(line string) error {
	name, _, closed := strings.Cut(line[1:], "]")
	if !closed {
		return errors.New("want [SECTION] with a closing bracket")
	}
	c.group, c.keys = "", 0
	c.kind = "other"
	if name != "" {
		c.kind, _ = kindOf(name)
	}
	if c.kind == "parser" {
		return fmt.Errorf("[%s]: parsers belong into a parsers_file, Fluent Bit refuses them here", name)
	}
	if isKept(c.kind) {
		c.at = len(c.sections)
		c.sections = append(c.sections, section{kind: c.kind, Section: Section{Where: c.where()}})
	}
	return nil
}

// keyLine reads an indented line: a key, the header of a group, a comment or nothing.
func (c *classicFile) keyLine(line string) error {
	if c.indent == "" {
		// The first byte always counts as indent, so a key in the first column loses a letter.
		c.indent = line[:1+blanks(line[1:])]
		if c.indent == line {
			return nil
		}
	}
	text, deeper, err := c.unindent(line)
	if err != nil {
		return err
	}
	if !deeper {
		c.group = ""
	}
	if text == "" || text[0] == '#' {
		return nil
	}
	key, value, ok := strings.Cut(text, " ")
	if !ok {
		return fmt.Errorf("want a key, a space and a value; Fluent Bit refuses %s", firstWord(text))
	}
	if key[0] == '[' {
		return c.groupHeader(text)
	}
	switch {
	case c.kind == "":
		return fmt.Errorf("%s is in no section", firstWord(text))
	case strings.Trim(value, space) == "":
		return fmt.Errorf("%s has no value, Fluent Bit refuses that", firstWord(text))
	case c.kind == "input" && c.group == "" && strings.EqualFold(strings.Trim(key, space), "routes"):
		return errors.New("routes need the YAML format, Fluent Bit refuses them here")
	case strings.EqualFold(c.group, "processors") && isPlugin(c.kind):
		return errors.New("processors need the YAML format, Fluent Bit refuses them here")
	}
	c.keys++
	switch p := (Property{Key: strings.Trim(key, space), Value: strings.Trim(value, space)}); {
	case isKept(c.kind) && c.group == "":
		in := &c.sections[c.at]
		in.Properties = append(in.Properties, p)
	case c.kind == "plugins":
		// Here the key is the file. The key Path is only for a plugins_file.
		if strings.EqualFold(p.Key, "path") {
			return errors.New("[PLUGINS] with Path belongs into a plugins_file, Fluent Bit refuses it here")
		}
		c.loads = append(c.loads, p.Key)
	}
	return nil
}

// unindent removes the indent of a line. The keys of a group have twice the indent.
func (c *classicFile) unindent(line string) (text string, deeper bool, err error) {
	text, ok := strings.CutPrefix(line, c.indent)
	extra := blanks(text)
	switch {
	case !ok:
		return "", false, fmt.Errorf("indent the line with %q like the first one of the file, Fluent Bit refuses another", c.indent)
	case extra == 0:
		return text, false, nil
	case extra == len(c.indent):
		return text[extra:], true, nil
	}
	return "", false, fmt.Errorf("indent the line with %q like the first one of the file, or twice that in a group", c.indent)
}

// groupHeader begins a group. Fluent Bit wants a space in that line too.
func (c *classicFile) groupHeader(text string) error {
	name, _, closed := strings.Cut(text[1:], "]")
	switch {
	case !closed:
		return errors.New("want [GROUP] with a closing bracket")
	case c.kind == "":
		return fmt.Errorf("the group [%s] is in no section", name)
	case c.group != "" && c.keys == 0:
		return fmt.Errorf("the group [%s] has no keys", c.group)
	}
	if c.group = name; name != "" {
		c.keys = 0
	}
	return nil
}

// space is the set of characters that isspace(3) accepts.
const space = " \t\n\v\f\r"

func blanks(text string) int { return len(text) - len(strings.TrimLeft(text, " \t")) }

var keyWord = regexp.MustCompile(`^[\[A-Za-z_.@\]]{1,32}([\s=:]|$)`)

// firstWord returns the key of a line, for a message. What does not look like a key may be a
// secret.
func firstWord(text string) string {
	if !keyWord.MatchString(text) {
		return "the line"
	}
	return fmt.Sprintf("%q", strings.TrimRight(keyWord.FindString(text), space+"=:"))
}
