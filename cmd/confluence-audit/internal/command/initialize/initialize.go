// Package initialize asks for what an input needs, checks it, and writes a configuration of Fluent Bit.
package initialize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/check"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/examples"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// toStdout is the choice of no receiver: the records are printed.
const toStdout = "stdout"

// Command returns the command init.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "init",
		Short: "write a configuration, from questions or flags",
		Long: `Asks for the product, the site, the credential and the receiver of the records, checks that records can be read, and writes a configuration of Fluent Bit with one input into a folder of its own. Secrets go into files beside it that nobody else can read.

What is given as a flag or in the environment is not asked for, and without a terminal nothing is.`,
		Example: `  confluence-audit init
  confluence-audit init --api-url https://acme.atlassian.net \
    --user-identifier auditor@example.com --api-token-file token --siem splunk
  confluence-audit init --product jira --folder jira-audit`,
		Annotations: map[string]string{cli.OKMeans: "the configuration is written, and records can be read", cli.FailedMeans: "records cannot be read, and nothing was written"},
	}
	cli.TextVar(cmd, &o.folder, "folder", "confluence-audit", "<folder>", "Where to write; no file that is there is touched.")
	cli.TextVar(cmd, &o.siem, "siem", "", "<name>", "Where records go: "+strings.Join(receivers(), ", ")+".")
	_ = cmd.RegisterFlagCompletionFunc("siem", cobra.FixedCompletions(receivers(), cobra.ShellCompDirectiveNoFileComp))
	get := input.KeyFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return initialize(cmd, o, get) }
	return cmd
}

type options struct{ folder, siem string }

func receivers() []string { return append([]string{toStdout}, examples.Names()...) }

func initialize(cmd *cobra.Command, o options, get func(string) string) error {
	folder, err := filepath.Abs(o.folder)
	if err != nil {
		return err
	}
	if o.siem != "" && !slices.Contains(receivers(), o.siem) {
		return cli.UsageError("--siem %q: want one of %s%s", o.siem, strings.Join(receivers(), ", "), cli.DidYouMean(o.siem, "", receivers()))
	}
	if err := untouched(folder); err != nil {
		return err
	}
	if product := strings.ToLower(get("product")); product != "" && !slices.Contains(config.Products(), product) {
		return cli.UsageError("--product %q: want one of %s%s", product, strings.Join(config.Products(), ", "), cli.DidYouMean(product, "", config.Products()))
	}
	asker, somebody := terminal.NewAsker(cmd.InOrStdin(), cmd.ErrOrStderr())
	if get("product") == "" && somebody {
		answer, err := choose(cmd.Context(), asker, "Which product (%s)? [%s]", config.Products(), config.DefaultProduct)
		if err != nil {
			return err
		}
		if err := cmd.Flags().Set("product", answer); err != nil { // get reads the variables of that product
			return err
		}
	}
	values := make(map[string]string)
	for _, key := range config.Keys() {
		if value := get(key.Name); value != "" {
			values[key.Name] = value
		}
	}
	for {
		if somebody {
			if err := askCredential(cmd.Context(), asker, values); err != nil {
				return err
			}
		}
		lacking, err := check.One(cmd, input.Of(func(key string) string { return values[key] }))
		if cmd.Context().Err() != nil {
			return cli.Stopped("stopped: nothing is written")
		}
		if err != nil {
			return err
		}
		if lacking == "" {
			break
		}
		if !somebody {
			return cli.ErrFailed
		}
		answer, err := asker.Line(cmd.Context(), "\nTry again? [Y/n]")
		if err != nil || strings.HasPrefix(strings.ToLower(answer), "n") {
			return errors.Join(err, cli.ErrFailed)
		}
		forget(values, lacking)
	}
	if o.siem == "" {
		o.siem = toStdout
		if somebody {
			if o.siem, err = choose(cmd.Context(), asker, "\nWhere do records go (%s)? [%s]", receivers(), toStdout); err != nil {
				return err
			}
		}
	}
	return write(cmd, folder, o.siem, values)
}

// credentialKeys are the keys of the credential.
var credentialKeys = []string{"api_key", "api_key_file", "user_identifier", "api_token", "api_token_file", "personal_access_token", "personal_access_token_file",
	"client_id", "client_secret", "client_secret_file"}

// forget removes the values that may be wrong, so that they are asked for again: the credential
// and, unless the site was found, the address.
func forget(values map[string]string, lacking string) {
	if lacking != site.StepCredential && lacking != site.StepPermission {
		delete(values, "api_url")
		delete(values, "org_id")
	}
	maps.DeleteFunc(values, func(key, _ string) bool { return slices.Contains(credentialKeys, key) })
}

// askCredential asks for what is missing.
func askCredential(ctx context.Context, asker *terminal.Asker, values map[string]string) error {
	ask := func(key, question string) (err error) {
		for err == nil && values[key] == "" {
			values[key], err = asker.Line(ctx, question)
		}
		return err
	}
	product := config.Product(values["product"])
	if product.Key == "organization" {
		return askKey(ctx, asker, values, ask)
	}
	if err := ask("api_url", "Base URL of "+product.Name+", such as https://acme.atlassian.net"); err != nil {
		return err
	}
	if !strings.Contains(values["api_url"], "://") {
		values["api_url"] = "https://" + values["api_url"]
	}
	for _, key := range credentialKeys {
		if key != "user_identifier" && values[key] != "" {
			return nil // a credential is set already
		}
	}
	cloud := strings.Contains(values["api_url"], ".atlassian.net") || values["deployment"] == "cloud"
	if !cloud && values["deployment"] == "" {
		answer, err := asker.Line(ctx, "Is it Data Center? [y/N]")
		if err != nil {
			return err
		}
		cloud = !strings.HasPrefix(strings.ToLower(answer), "y")
	}
	secret, question := "personal_access_token", "Personal access token of "+product.Admin
	if cloud {
		who := product.Admin
		if product.Key == "jira" {
			who = "an account with the global permission Administer Jira"
		}
		if err := ask("user_identifier", "E-mail address of "+who); err != nil {
			return err
		}
		secret, question = "api_token", "API token of that account"
	}
	token, err := asker.Secret(ctx, question)
	values[secret] = token
	return err
}

// askKey asks for what is missing to read an organization. Few keys tell which organization they are
// for, so its id is asked for too.
func askKey(ctx context.Context, asker *terminal.Asker, values map[string]string, ask func(key, question string) error) error {
	if err := ask("org_id", "Id of the organization: what stands behind /o/ in the address of admin.atlassian.com"); err != nil {
		return err
	}
	if values["api_key"] != "" || values["api_key_file"] != "" {
		return nil
	}
	key, err := asker.Secret(ctx, "API key of the organization, with the scope read:events:admin")
	values["api_key"] = key
	return err
}

// choose asks for one of some names until it gets one. An empty answer is the usual one. The
// question has places for both.
func choose(ctx context.Context, asker *terminal.Asker, question string, names []string, usual string) (string, error) {
	for {
		answer, err := asker.Line(ctx, fmt.Sprintf(question, strings.Join(names, ", "), usual))
		if err != nil {
			return "", err
		}
		if answer == "" {
			return usual, nil
		}
		if near, ok := config.Nearest(answer, names); ok {
			return near, nil
		}
	}
}

// untouched refuses a folder that contains a configuration.
func untouched(folder string) error {
	path := filepath.Join(folder, configurationName)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return cli.UsageError("%s is there already: choose another --folder, or remove it first", path)
	}
	return nil
}
