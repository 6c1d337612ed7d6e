package cli

import (
	"errors"
	"time"

	"fluent-bit-confluence/internal/config"

	"github.com/spf13/cobra"
)

// ConfigFlag declares --config.
func ConfigFlag(cmd *cobra.Command, file *string, usage string) {
	TextVar(cmd, file, "config", "", "<file>", usage)
	_ = cmd.RegisterFlagCompletionFunc("config", cobra.FixedCompletions([]string{"conf", "yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt))
}

// TextVar declares a flag whose value help shows as kind.
func TextVar(cmd *cobra.Command, p *string, name, value, kind, usage string) {
	TextVarP(cmd, p, name, "", value, kind, usage)
}

// TextVarP is [TextVar] for a flag that has a name of one letter too.
func TextVarP(cmd *cobra.Command, p *string, name, letter, value, kind, usage string) {
	*p = value
	cmd.Flags().VarP(&textValue{p, kind}, name, letter, usage)
}

type textValue struct {
	text *string
	kind string
}

func (v *textValue) String() string         { return *v.text }
func (v *textValue) Set(value string) error { *v.text = value; return nil }
func (v *textValue) Type() string           { return v.kind }

// DurationVar declares a flag for a duration as in the configuration.
func DurationVar(cmd *cobra.Command, p *time.Duration, name, value, usage string) {
	v := &durationValue{d: p}
	_ = v.Set(value)
	cmd.Flags().Var(v, name, usage)
}

type durationValue struct {
	d    *time.Duration
	text string
}

func (v *durationValue) String() string { return v.text }
func (v *durationValue) Type() string   { return "<duration>" }

func (v *durationValue) Set(value string) error {
	d, ok := config.ParseDuration(value)
	if !ok {
		return errors.New("want a duration such as 90s, 5m, 12h or 30d")
	}
	*v.d, v.text = d, value
	return nil
}
