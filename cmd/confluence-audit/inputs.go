package main

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

// input is one confluence input that a command works on, from a configuration or from flags and
// environment.
type input struct {
	alias    string
	where    string // file and line, empty for flags
	get      func(key string) string
	unset    map[string]bool // keys whose value holds a variable that is not set here
	storage  string          // storage.type, "" for Fluent Bit's default
	mistakes []string
	warnings []string
}

// name returns the name of the input for messages.
func (in input) name() string {
	switch {
	case in.alias != "" && in.where != "":
		return in.alias + " (" + in.where + ")"
	case in.where != "":
		return in.where
	}
	return in.alias
}

// readInputs returns the confluence inputs of a Fluent Bit configuration or, without one, the input
// of flags and environment.
func readInputs(cmd *cobra.Command, path string, get func(string) string) ([]input, fluentbit.Configuration, error) {
	var none fluentbit.Configuration
	if path == "" {
		return []input{{get: get}}, none, nil
	}
	if given := givenKey(cmd); given != "" {
		return nil, none, cli.UsageError("--config and --%s do not go together", given)
	}
	storage := ""
	if f := cmd.Flags().Lookup(storagePath); f != nil {
		storage = f.Value.String()
	}
	c, inputs, err := readConfiguration(path, storage)
	return inputs, c, err
}

// readConfiguration returns a Fluent Bit configuration and its confluence inputs, at least one.
// storage is the storage.path of Fluent Bit's command line: it counts if the files have none.
func readConfiguration(path, storage string) (fluentbit.Configuration, []input, error) {
	c, err := fluentbit.Read(path, os.Getenv)
	if err != nil {
		return c, nil, err
	}
	if storage != "" && c.Service.Get("storage.path") == "" {
		c.Service = append(c.Service, fluentbit.Property{Key: "storage.path", Value: storage})
	}
	found := c.Inputs("confluence")
	if len(found) == 0 {
		return c, nil, fmt.Errorf("%s has no confluence input: want an input with the name confluence", path)
	}
	var inputs []input
	for _, in := range found {
		inputs = append(inputs, fileInput(in))
	}
	refuseSharedState(inputs)
	warnOfSharedNames(inputs)
	adviseOn(c, inputs)
	return c, inputs, nil
}

// fileInput is stricter than Fluent Bit: an unknown key, which Fluent Bit accepts without a
// message, is a mistake.
func fileInput(found fluentbit.Section) input {
	in := input{alias: found.Get("alias"), where: found.Where, get: found.Get, unset: make(map[string]bool), storage: found.Get("storage.type")}
	in.mistakes = append(found.Mistakes(), config.Unknown(found.Keys())...)
	for _, p := range found.Properties {
		for _, name := range p.Unset {
			in.unset[strings.ToLower(p.Key)] = true
			in.warnings = append(in.warnings, fmt.Sprintf("%s: the variable ${%s} is not set here", p.Key, name))
		}
	}
	return in
}

// mixed returns whether inputs read more than one product.
func mixed(inputs []input) bool {
	product := func(in input) *site.Product { return config.Product(in.get("product")) }
	return slices.ContainsFunc(inputs, func(in input) bool { return product(in) != product(inputs[0]) })
}

// refuseSharedState finds inputs with the same state file, of which only the first could start.
func refuseSharedState(inputs []input) {
	owner := make(map[string]string)
	for i, in := range inputs {
		db := in.get("db")
		if db == "" || config.IsDatabase(db) {
			continue
		}
		path, err := filepath.Abs(db)
		if err != nil {
			path = db
		}
		if first, taken := owner[path]; taken {
			inputs[i].mistakes = append(in.mistakes, fmt.Sprintf("db %s is that of the input %s: give each input a db of its own", db, first))
			continue
		}
		owner[path] = in.name()
	}
}

// warnOfSharedNames finds inputs with the same alias, which Fluent Bit accepts without a message.
func warnOfSharedNames(inputs []input) {
	owner := make(map[string]string)
	for i, in := range inputs {
		if first, taken := owner[in.alias]; taken && in.alias != "" {
			inputs[i].warnings = append(in.warnings, fmt.Sprintf("alias %s is that of the input %s too: metrics, log lines and --input do not tell them apart", in.alias, first))
			continue
		}
		owner[in.alias] = in.where
	}
}

// oneInput returns the input to work on: the only one, or the one that --input names.
func oneInput(cmd *cobra.Command, path, alias string, get func(string) string) (input, error) {
	if path == "" && alias != "" {
		return input{}, cli.UsageError("--input needs --config, in which the input is")
	}
	inputs, _, err := readInputs(cmd, path, get)
	if err != nil {
		return input{}, err
	}
	in, err := pick(inputs, path, alias)
	if err == nil && len(in.mistakes) > 0 {
		err = errors.New(strings.Join(in.mistakes, "\n"))
	}
	return in, err
}

func pick(inputs []input, path, alias string) (input, error) {
	if alias == "" && len(inputs) == 1 {
		return inputs[0], nil
	}
	var names []string
	for _, in := range inputs {
		if alias != "" && in.alias == alias {
			return in, nil
		}
		if in.alias != "" {
			names = append(names, in.alias)
		}
	}
	known := "none has an alias, so give it one"
	if len(names) > 0 {
		known = "there are " + strings.Join(names, ", ")
	}
	if alias == "" {
		return input{}, cli.UsageError("%s has %d confluence inputs: name one with --input ALIAS; %s", path, len(inputs), known)
	}
	return input{}, cli.UsageError("%s has no confluence input with the alias %q; %s%s", path, alias, known, cli.DidYouMean(alias, "", names))
}

const storagePath = "storage-path"

// storageFlag declares --storage-path, with Fluent Bit's short name for it.
func storageFlag(cmd *cobra.Command, path *string) {
	cli.TextVarP(cmd, path, storagePath, "b", "", "<folder>", "The storage.path that Fluent Bit's command line has (-b). As there, one of the configuration wins.")
}

// inputFlag declares --input.
func inputFlag(cmd *cobra.Command, alias *string) {
	cli.TextVar(cmd, alias, "input", "", "<alias>", "Which input of the configuration, by its alias; not needed when there is one only.")
}
