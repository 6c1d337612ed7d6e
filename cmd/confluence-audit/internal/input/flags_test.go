package input

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Flags win over the environment.
func TestKeyFlags(t *testing.T) {
	t.Setenv("CONFLUENCE_API_URL", "https://environment.example.com")
	t.Setenv("CONFLUENCE_API_TOKEN", "from the environment")
	cmd := new(cobra.Command)
	get := KeyFlags(cmd, "db")
	if err := cmd.ParseFlags([]string{"--api-url", "https://flag.example.com", "--allow-http", "--tls-verify=off"}); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"api_url": "https://flag.example.com", "api_token": "from the environment",
		"allow_http": "on", "tls_verify": "off", "user_identifier": "", "no_such_key": "",
	} {
		if got := get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	hidden := []string{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if IsKey(f) && f.Hidden {
			hidden = append(hidden, f.Name)
		}
	})
	if !slices.Equal(hidden, []string{"db"}) {
		t.Errorf("help leaves out %v, want db alone", hidden)
	}
}

// A credential of a flag replaces the one in the environment, of any kind.
func TestCredentialFlagsOverride(t *testing.T) {
	keys := []string{"api_key_file", "api_token", "personal_access_token_file", "client_id", "client_secret_file"}
	for _, key := range keys {
		t.Setenv("CONFLUENCE_"+strings.ToUpper(key), "from the environment")
	}
	for flag, want := range map[string][]string{
		"--timeout":               keys,
		"--api-key":               nil,
		"--api-token-file":        nil,
		"--personal-access-token": nil,
		"--client-id":             {"client_secret_file"},
		"--client-secret":         {"client_id"},
	} {
		cmd := new(cobra.Command)
		get := KeyFlags(cmd)
		if err := cmd.ParseFlags([]string{flag, "x"}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, key := range keys {
			if get(key) == "from the environment" {
				got = append(got, key)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s leaves %v of the environment, want %v", flag, got, want)
		}
	}
}
