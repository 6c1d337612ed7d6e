package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fluent-bit-confluence/internal/config"
)

// isKey is the annotation of flags for keys of the input.
const isKey = "key"

// keyFlags declares a flag for each key of the input. Those without effect in the command are
// accepted, checked and left out of the help. The returned function is for [config.Parse]: it reads
// the flags, then the environment, with the variables of the product.
func keyFlags(cmd *cobra.Command, without ...string) (get func(key string) string) {
	values := make(map[string]*keyValue, len(config.Keys()))
	for _, key := range config.Keys() {
		value := &keyValue{key: key}
		values[key.Name] = value
		f := cmd.Flags().VarPF(value, key.FlagName(), "", key.PlainHelp())
		f.DefValue = key.Default
		f.Hidden = slices.Contains(without, key.Name)
		f.Annotations = map[string][]string{isKey: nil}
		if key.Kind == "bool" {
			f.NoOptDefVal = "on"
		}
		if key.Kind != "file" {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(key.Values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	return func(name string) string {
		if value := values[name]; value != nil && value.text != "" {
			return value.text
		}
		if displaced(name, func(key string) bool { return values[key] != nil && values[key].text != "" }) {
			return ""
		}
		product := values["product"].text
		if product == "" {
			product = config.Environment("")("product")
		}
		return config.Environment(product)(name)
	}
}

// credentials are the kinds of credential, with their keys.
var credentials = [][]string{
	{"api_token", "api_token_file"},
	{"personal_access_token", "personal_access_token_file"},
	{"client_id", "client_secret", "client_secret_file"},
}

// displaced returns whether a credential of the environment does not count because a flag sets one:
// another kind of credential, or the same secret by the other of its two keys (the value or the
// file).
func displaced(name string, flag func(key string) bool) bool {
	own := slices.IndexFunc(credentials, func(kind []string) bool { return slices.Contains(kind, name) })
	if own < 0 {
		return false
	}
	for i, kind := range credentials {
		for _, key := range kind {
			if flag(key) && (i != own || strings.TrimSuffix(key, "_file") == strings.TrimSuffix(name, "_file")) {
				return true
			}
		}
	}
	return false
}

// keyValue keeps the text for [config.Parse], which checks flags and files in the same way.
type keyValue struct {
	key  config.Key
	text string
}

func (v *keyValue) String() string         { return "" } // may be a secret
func (v *keyValue) Set(value string) error { v.text = value; return nil }

// Type returns what help shows as the value.
func (v *keyValue) Type() string {
	switch {
	case v.key.Values != nil:
		return strings.Join(v.key.Values, "|")
	case v.key.Kind == "bool":
		return ""
	}
	return "<" + v.key.Kind + ">"
}

// besideConfig lets the flag of a key go together with --config. value returns what it is set to,
// "" if it is not.
func besideConfig(cmd *cobra.Command, flag string) (value func() string) {
	f := cmd.Flags().Lookup(flag)
	f.Annotations = nil
	return func() string { return f.Value.(*keyValue).text }
}

// givenKey returns a flag for a key of the input that is on the command line, "" if there is none.
func givenKey(cmd *cobra.Command) string {
	given := ""
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if _, key := f.Annotations[isKey]; key && given == "" {
			given = f.Name
		}
	})
	return given
}

// required returns whether the input needs the key of a flag.
func required(f *pflag.Flag) bool {
	v, ok := f.Value.(*keyValue)
	return ok && v.key.Required
}
