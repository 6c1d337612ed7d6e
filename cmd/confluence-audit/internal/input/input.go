// Package input finds the confluence inputs that a command works on, in a configuration of Fluent Bit
// or from flags and environment, and what is wrong with them.
package input

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/site"
)

// Input is one confluence input that a command works on, from a configuration or from flags and
// environment.
type Input struct {
	Alias    string
	Where    string   // file and line, empty for flags
	Mistakes []string // of the configuration
	Warnings []string

	value   func(key string) string
	unset   map[string]bool // keys whose value holds a variable that is not set here
	storage string          // storage.type, "" for Fluent Bit's default
}

// Of returns an input whose keys have the values that value returns.
func Of(value func(key string) string) Input { return Input{value: value} }

// Get returns the value of a key, "" if it has none.
func (in Input) Get(key string) string { return in.value(key) }

// IsUnset returns whether the value of a key holds a variable that is not set here.
func (in Input) IsUnset(key string) bool { return in.unset[key] }

// OnDisk returns whether Fluent Bit keeps the records of the input on disk.
func (in Input) OnDisk() bool { return strings.EqualFold(in.storage, "filesystem") }

// Name returns the name of the input for messages.
func (in Input) Name() string {
	switch {
	case in.Alias != "" && in.Where != "":
		return in.Alias + " (" + in.Where + ")"
	case in.Where != "":
		return in.Where
	}
	return in.Alias
}

// Read returns the confluence inputs of a Fluent Bit configuration or, without one, the input of flags
// and environment.
func Read(cmd *cobra.Command, path string, get func(string) string) ([]Input, fluentbit.Configuration, error) {
	var none fluentbit.Configuration
	if path == "" {
		return []Input{Of(get)}, none, nil
	}
	if given := GivenKey(cmd); given != "" {
		return nil, none, cli.UsageError("--config and --%s do not go together", given)
	}
	storage := ""
	if f := cmd.Flags().Lookup(storagePath); f != nil {
		storage = f.Value.String()
	}
	return ReadConfiguration(path, storage)
}

// ReadConfiguration returns the confluence inputs of a Fluent Bit configuration, at least one, and the
// configuration.
// storage is the storage.path of Fluent Bit's command line: it counts if the files have none.
func ReadConfiguration(path, storage string) ([]Input, fluentbit.Configuration, error) {
	c, err := fluentbit.Read(path, os.Getenv)
	if err != nil {
		return nil, c, err
	}
	if storage != "" && c.Service.Get("storage.path") == "" {
		c.Service = append(c.Service, fluentbit.Property{Key: "storage.path", Value: storage})
	}
	found := c.Inputs("confluence")
	if len(found) == 0 {
		return nil, c, fmt.Errorf("%s has no confluence input: want an input with the name confluence", path)
	}
	var inputs []Input
	for _, in := range found {
		inputs = append(inputs, fileInput(in))
	}
	refuseSharedState(inputs)
	warnOfSharedNames(inputs)
	adviseOn(c, inputs)
	return inputs, c, nil
}

// fileInput is stricter than Fluent Bit: an unknown key, which Fluent Bit accepts without a
// message, is a mistake.
func fileInput(found fluentbit.Section) Input {
	in := Input{Alias: found.Get("alias"), Where: found.Where, value: found.Get, unset: make(map[string]bool), storage: found.Get("storage.type")}
	in.Mistakes = append(found.Mistakes(), config.Unknown(found.Keys())...)
	for _, p := range found.Properties {
		for _, name := range p.Unset {
			in.unset[strings.ToLower(p.Key)] = true
			in.Warnings = append(in.Warnings, fmt.Sprintf("%s: the variable ${%s} is not set here", p.Key, name))
		}
	}
	return in
}

// Mixed returns whether inputs read more than one product.
func Mixed(inputs []Input) bool {
	product := func(in Input) *site.Product { return config.Product(in.Get("product")) }
	return slices.ContainsFunc(inputs, func(in Input) bool { return product(in) != product(inputs[0]) })
}

// refuseSharedState finds inputs with the same state file, of which only the first could start.
func refuseSharedState(inputs []Input) {
	owner := make(map[string]string)
	for i, in := range inputs {
		db := in.Get("db")
		if db == "" || config.IsDatabase(db) {
			continue
		}
		path, err := filepath.Abs(db)
		if err != nil {
			path = db
		}
		if first, taken := owner[path]; taken {
			inputs[i].Mistakes = append(in.Mistakes, fmt.Sprintf("db %s is that of the input %s: give each input a db of its own", db, first))
			continue
		}
		owner[path] = in.Name()
	}
}

// warnOfSharedNames finds inputs with the same alias, which Fluent Bit accepts without a message.
func warnOfSharedNames(inputs []Input) {
	owner := make(map[string]string)
	for i, in := range inputs {
		if first, taken := owner[in.Alias]; taken && in.Alias != "" {
			inputs[i].Warnings = append(in.Warnings, fmt.Sprintf("alias %s is that of the input %s too: metrics, log lines and --input do not tell them apart", in.Alias, first))
			continue
		}
		owner[in.Alias] = in.Where
	}
}

// One returns the input to work on: the only one, or the one that --input names.
func One(cmd *cobra.Command, path, alias string, get func(string) string) (Input, error) {
	if path == "" && alias != "" {
		return Input{}, cli.UsageError("--input needs --config, in which the input is")
	}
	inputs, _, err := Read(cmd, path, get)
	if err != nil {
		return Input{}, err
	}
	in, err := Pick(inputs, path, alias)
	if err == nil && len(in.Mistakes) > 0 {
		err = errors.New(strings.Join(in.Mistakes, "\n"))
	}
	return in, err
}

// Pick returns the input with an alias; without one the only input.
func Pick(inputs []Input, path, alias string) (Input, error) {
	if alias == "" && len(inputs) == 1 {
		return inputs[0], nil
	}
	var names []string
	for _, in := range inputs {
		if alias != "" && in.Alias == alias {
			return in, nil
		}
		if in.Alias != "" {
			names = append(names, in.Alias)
		}
	}
	known := "none has an alias, so give it one"
	if len(names) > 0 {
		known = "there are " + strings.Join(names, ", ")
	}
	if alias == "" {
		return Input{}, cli.UsageError("%s has %d confluence inputs: name one with --input ALIAS; %s", path, len(inputs), known)
	}
	return Input{}, cli.UsageError("%s has no confluence input with the alias %q; %s%s", path, alias, known, cli.DidYouMean(alias, "", names))
}
