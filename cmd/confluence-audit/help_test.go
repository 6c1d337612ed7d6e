package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"fluent-bit-confluence/internal/config"
)

// Help fits a terminal of 80 columns, and every command is in the manual.
func TestHelp(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	for _, cmd := range append(root.Commands(), root) {
		var b bytes.Buffer
		writeHelp(&b, cmd)
		for line := range strings.Lines(b.String()) {
			if utf8.RuneCountInString(line) > 81 && !strings.Contains(cmd.Example, strings.TrimRight(line, "\n")) {
				t.Errorf("%s: the line is too wide: %s", cmd.Name(), line)
			}
		}
		if strings.HasSuffix(cmd.Short, ".") || cmd.Short == "" {
			t.Errorf("%s: want a short help without a full stop, not %q", cmd.Name(), cmd.Short)
		}
		own, keys := flagsOf(cmd)
		for _, f := range append(own, keys...) {
			if !strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: want a help text that ends in a full stop, not %q", cmd.Name(), f.Name, f.Usage)
			}
		}
	}
}

// Flags win over the environment.
func TestKeyFlags(t *testing.T) {
	t.Setenv("CONFLUENCE_API_URL", "https://environment.example.com")
	t.Setenv("CONFLUENCE_API_TOKEN", "from the environment")
	cmd := versionCommand()
	get := keyFlags(cmd, "db")
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
	if _, shown := flagsOf(cmd); len(shown) != len(config.Keys())-1 {
		t.Errorf("help shows %d keys, want all but db", len(shown))
	}
}

// A credential of a flag replaces the one in the environment, of any kind.
func TestCredentialFlagsDisplace(t *testing.T) {
	for _, key := range []string{"api_token", "personal_access_token_file", "client_id", "client_secret_file"} {
		t.Setenv("CONFLUENCE_"+strings.ToUpper(key), "from the environment")
	}
	for flag, want := range map[string][]string{
		"--timeout":               {"api_token", "personal_access_token_file", "client_id", "client_secret_file"},
		"--api-token-file":        nil,
		"--personal-access-token": nil,
		"--client-id":             {"client_secret_file"},
		"--client-secret":         {"client_id"},
	} {
		cmd := versionCommand()
		get := keyFlags(cmd)
		if err := cmd.ParseFlags([]string{flag, "x"}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, key := range []string{"api_token", "personal_access_token_file", "client_id", "client_secret_file"} {
			if get(key) == "from the environment" {
				got = append(got, key)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s leaves %v of the environment, want %v", flag, got, want)
		}
	}
}
