package input

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/config"
)

// ofKey is the annotation of flags for keys of the input.
const ofKey = "key"

// IsKey returns whether a flag is for a key of the input, and for nothing else.
func IsKey(f *pflag.Flag) bool { _, is := f.Annotations[ofKey]; return is }

// KeyFlags declares a flag for each key of the input. Those without effect in the command are
// accepted, checked and left out of the help. The returned function is for [config.Parse]: it reads
// the flags, then the environment, with the variables of the product.
func KeyFlags(cmd *cobra.Command, without ...string) (get func(key string) string) {
	values := make(map[string]*keyValue, len(config.Keys()))
	for _, key := range config.Keys() {
		value := &keyValue{key: key}
		values[key.Name] = value
		f := cmd.Flags().VarPF(value, key.FlagName(), "", key.PlainHelp())
		f.DefValue = key.Default
		f.Hidden = slices.Contains(without, key.Name)
		f.Annotations = map[string][]string{ofKey: nil}
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
		if overridden(name, func(key string) bool { return values[key] != nil && values[key].text != "" }) {
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
	{"api_key", "api_key_file"},
	{"api_token", "api_token_file"},
	{"personal_access_token", "personal_access_token_file"},
	{"client_id", "client_secret", "client_secret_file"},
}

// overridden returns whether a credential of the environment does not count because a flag sets one:
// another kind of credential, or the same secret by the other of its two keys (the value or the
// file).
func overridden(name string, flag func(key string) bool) bool {
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

// BesideConfig lets the flag of a key go together with --config. value returns what it is set to,
// "" if it is not.
func BesideConfig(cmd *cobra.Command, flag string) (value func() string) {
	f := cmd.Flags().Lookup(flag)
	f.Annotations = nil
	return func() string { return f.Value.(*keyValue).text }
}

// GivenKey returns a flag for a key of the input that is on the command line, "" if there is none.
func GivenKey(cmd *cobra.Command) string {
	given := ""
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if IsKey(f) && given == "" {
			given = f.Name
		}
	})
	return given
}

// Required returns whether the input needs the key of a flag.
func Required(f *pflag.Flag) bool {
	v, ok := f.Value.(*keyValue)
	return ok && v.key.Required
}

const storagePath = "storage-path"

// StorageFlag declares --storage-path, with Fluent Bit's short name for it.
func StorageFlag(cmd *cobra.Command, path *string) {
	cli.TextVarP(cmd, path, storagePath, "b", "", "<folder>", "The storage.path that Fluent Bit's command line has (-b). As there, one of the configuration wins.")
}

// OneFlags declares --config and --input for a command that takes the settings of one input, from a
// configuration or from flags and environment.
func OneFlags(cmd *cobra.Command, config, alias *string) {
	cli.ConfigFlag(cmd, config, "Take the settings of a confluence input of a Fluent Bit configuration file, classic or YAML, instead of those of flags and environment.")
	AliasFlag(cmd, alias)
}

// AliasFlag declares --input.
func AliasFlag(cmd *cobra.Command, alias *string) {
	cli.TextVar(cmd, alias, "input", "", "<alias>", "Which input of the configuration, by its alias; not needed when there is one only.")
}
