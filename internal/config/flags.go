package config

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// FlagName is the command line's name of a key: --api-url for api_url.
func (k Key) FlagName() string { return strings.ReplaceAll(k.Name, "_", "-") }

// Variable is the environment variable of a key: CONFLUENCE_API_URL for api_url.
func (k Key) Variable() string { return "CONFLUENCE_" + strings.ToUpper(k.Name) }

// Flags declares one flag per key. The function it returns is for [Parse]: it looks at the flags, then at the
// environment.
func Flags(set *flag.FlagSet) (get func(key string) string) {
	values := make(map[string]*flagValue, len(keys))
	for _, key := range keys {
		values[key.Name] = &flagValue{boolean: key.Kind == "bool"}
		set.Var(values[key.Name], key.FlagName(), key.Help)
	}
	return func(name string) string {
		if value := values[name]; value != nil && value.text != "" {
			return value.text
		}
		return Environment(name)
	}
}

// Environment returns the value of a key's environment variable. It serves [Parse].
func Environment(name string) string {
	key, ok := lookup(name)
	if !ok {
		return ""
	}
	return os.Getenv(key.Variable())
}

// flagValue keeps the text for [Parse], which checks flags and files alike.
type flagValue struct {
	text    string
	boolean bool
}

func (v *flagValue) String() string         { return "" } // may be a secret
func (v *flagValue) Set(value string) error { v.text = value; return nil }
func (v *flagValue) IsBoolFlag() bool       { return v.boolean }

var link = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)

// Usage writes the help of all flags but those of the keys without, 80 columns wide.
func Usage(w io.Writer, without []string) {
	for _, key := range keys {
		if slices.Contains(without, key.Name) {
			continue
		}
		fmt.Fprintf(w, "  --%s", key.FlagName())
		switch {
		case key.Values != nil:
			fmt.Fprintf(w, " %s", strings.Join(key.Values, "|"))
		case key.Kind != "bool":
			fmt.Fprintf(w, " <%s>", key.Kind)
		}
		switch {
		case key.Required:
			fmt.Fprint(w, "  (required)")
		case key.Default != "":
			fmt.Fprintf(w, "  (default %s)", key.Default)
		}
		fmt.Fprintln(w)
		wrap(w, strings.ReplaceAll(link.ReplaceAllString(key.Help, "$1"), "`", ""))
	}
}

// wrap writes text in indented lines.
func wrap(w io.Writer, text string) {
	const indent, width = "        ", 80
	line := indent
	for word := range strings.FieldsSeq(text) {
		if line != indent {
			if len(line)+1+len(word) > width {
				fmt.Fprintln(w, line)
				line = indent
			} else {
				line += " "
			}
		}
		line += word
	}
	fmt.Fprintln(w, line)
}
