package main

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

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/simulate"
)

// environment returns address and credentials of a simulated product for a command, by the names of
// the keys.
func environment(p played, url string) map[string]string {
	cred := p.sim.Credentials()
	values := map[string]string{"product": p.Product, "api_url": url + p.ContextPath, "user_identifier": cred.User, "api_token": cred.Token}
	if p.Deployment == simulate.DataCenter {
		values["api_token"] = cred.Password
	} else {
		values["gateway_url"], values["token_url"] = url, url+"/oauth/token"
	}
	return values
}

// ofReal are the keys whose variables may belong to a real site: they are removed from the
// command's environment.
var ofReal = []string{"api_url", "user_identifier", "api_token", "api_token_file", "personal_access_token", "personal_access_token_file",
	"client_id", "client_secret", "client_secret_file", "cloud_id", "deployment", "gateway_url", "product", "route", "token_url"}

// runBeside runs a command that reads the simulated site. Ctrl-C reaches it from the terminal too,
// and it gets time to end in order.
func runBeside(parent *cobra.Command, command []string, values map[string]string) error {
	ctx := parent.Context()
	program, err := ownOrOther(parent, command[0])
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program[0], append(program[1:], command[1:]...)...)
	cmd.Env = os.Environ()
	for _, key := range config.Keys() {
		if slices.Contains(ofReal, key.Name) {
			cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, key.Variable()+"=") })
		}
		if value := values[key.Name]; value != "" {
			cmd.Env = append(cmd.Env, key.Variable()+"="+value)
		}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = parent.InOrStdin(), parent.OutOrStdout(), parent.ErrOrStderr()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.As(err, &exit) && len(program) > 1:
		return errFailed // it has printed why
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
