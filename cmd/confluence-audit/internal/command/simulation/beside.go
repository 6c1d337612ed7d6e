package simulation

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/simulate"
)

// environment returns the variables of address and credentials for a command that reads a simulated
// site: those of each product that it has, and which product comes first.
func environment(site []Log, url string) []string {
	set := []string{variableOf("product", "") + "=" + site[0].Product}
	for _, p := range site {
		cred := p.Simulator.Credentials()
		values := map[string]string{"api_url": url + p.ContextPath, "user_identifier": cred.User, "api_token": cred.Token}
		switch {
		case p.Product == simulate.Organization:
			values = map[string]string{"api_url": url, "org_id": p.Simulator.OrgID(), "api_key": cred.APIKey}
		case p.Deployment == simulate.DataCenter:
			values["api_token"] = cred.Password
		default:
			values["gateway_url"], values["token_url"] = url, url+"/oauth/token"
		}
		for key, value := range values {
			set = append(set, variableOf(key, p.Product)+"="+value)
		}
	}
	return set
}

// variableOf returns the environment variable of a key for a product.
func variableOf(key, product string) string { return config.Key{Name: key}.Variable(product) }

// ofReal are the keys whose variables may belong to a real site: they are removed from the
// command's environment.
var ofReal = []string{"api_key", "api_key_file", "api_url", "org_id", "user_identifier", "api_token", "api_token_file", "personal_access_token", "personal_access_token_file",
	"client_id", "client_secret", "client_secret_file", "cloud_id", "deployment", "gateway_url", "product", "route", "token_url"}

func isOfReal(set string) bool {
	name, _, _ := strings.Cut(set, "=")
	return slices.ContainsFunc(config.Products(), func(product string) bool {
		return slices.ContainsFunc(ofReal, func(key string) bool { return name == variableOf(key, product) })
	})
}

// runBeside runs a command that reads the simulated site. Ctrl-C reaches it from the terminal too,
// and it gets time to end in order.
func runBeside(parent *cobra.Command, command, set []string) error {
	ctx := parent.Context()
	program, err := ownOrOther(parent, command[0])
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program[0], append(program[1:], command[1:]...)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), isOfReal), set...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = parent.InOrStdin(), parent.OutOrStdout(), parent.ErrOrStderr()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.As(err, &exit) && len(program) > 1:
		return cli.ErrFailed // it has printed why
	case errors.As(err, &exit):
		return fmt.Errorf("%s: %w", command[0], err)
	case err != nil:
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	return nil
}

// ownOrOther returns the program to run for the name of a command: this one for its own commands.
func ownOrOther(parent *cobra.Command, name string) ([]string, error) {
	for _, own := range parent.Root().Commands() {
		if own.Name() == name || own.HasAlias(name) {
			self, err := os.Executable()
			if err != nil {
				return nil, fmt.Errorf("find this program: %w; run it by its path behind --", err)
			}
			return []string{self, name}, nil
		}
	}
	return []string{name}, nil
}
