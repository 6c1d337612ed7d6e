package config

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
)

// from returns a get function for Parse: the values of a map, over a valid configuration.
func from(values map[string]string) func(string) string {
	all := map[string]string{"api_url": "https://acme.atlassian.net", "user_identifier": "jane@example.com", "api_token": "x"}
	maps.Copy(all, values)
	return func(key string) string { return all[key] }
}

func parse(t *testing.T, values map[string]string) Settings {
	t.Helper()
	s, err := Parse(from(values))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	s := parse(t, nil)
	token, err := s.APIToken.Reveal()
	if token != "x" || err != nil {
		t.Errorf("api_token is %q, %v", token, err)
	}
	s.APIToken = atlassian.Secret{}
	want := Settings{
		Options: atlassian.Options{
			APIURL: "https://acme.atlassian.net", UserIdentifier: "jane@example.com",
			Deployment: "auto", Route: "auto", PageSize: 1000, Timeout: time.Minute,
		},
		Product: products["confluence"], Mirrored: true, PollInterval: time.Minute, StartFrom: StartFrom{back: 24 * time.Hour}, Overlap: 10 * time.Minute, BackfillRequests: 4,
		RescanInterval: 6 * time.Hour, RescanWindow: 48 * time.Hour, Schema: "raw", OCSFVersion: "1.8.0",
	}
	if diff := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", s)); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"allow_http": "on", "api_key": "k", "api_key_file": "testdata/token", "mirrored": "off", "org_id": "abc", "api_token": "t", "api_token_file": "testdata/token", "api_url": "http://wiki.example.com/x",
		"backfill_requests": "2", "ca_file": "testdata/authority.pem", "client_id": "id", "client_secret": "s", "client_secret_file": "testdata/token",
		"cloud_id": "abc", "db": "/tmp/x.db", "db_password_file": "testdata/token", "deployment": "Cloud", "fleet_max_sites": "7", "gateway_url": "https://gateway.example.com",
		"include_audit_searches": "YES", "include_raw": "on", "health_records": "on", "ocsf_version": "1.4.0", "overlap": "20m", "page_size": "50", "personal_access_token": "p",
		"personal_access_token_file": "testdata/token", "poll_interval": "90", "product": "Jira", "proxy": "socks5://u:p@localhost:1",
		"rescan_interval": "1h30m", "rescan_window": "3d", "route": "gateway", "schema": "RAW", "start_from": "2026-11-01",
		"timeout": "5s", "tls_verify": "0", "token_expires": "2999-01-01", "token_url": "https://token.example.com",
		"user_identifier": "jane",
	}
	before := Settings{Mirrored: true}
	for _, key := range Keys() {
		value, ok := values[key.Name]
		if !ok {
			t.Errorf("this test has no value for %s", key.Name)
			continue
		}
		s := before
		if err := key.read(&s, value); err != nil {
			t.Errorf("%s %q: %v", key.Name, value, err)
		}
		if s.APIToken != before.APIToken || s.ClientSecret != before.ClientSecret || s.PersonalAccessToken != before.PersonalAccessToken ||
			s.DatabasePassword != before.DatabasePassword || s.apiKey != before.apiKey {
			continue // secrets are printed alike
		}
		if fmt.Sprintf("%+v", s) == fmt.Sprintf("%+v", before) {
			t.Errorf("%s %q changed nothing", key.Name, value)
		}
	}
}

func TestDefaultsGiveWay(t *testing.T) {
	t.Parallel()
	s := parse(t, map[string]string{"poll_interval": "12h", "overlap": "72h"})
	if s.RescanInterval != 12*time.Hour || s.RescanWindow != 72*time.Hour {
		t.Errorf("rescan_interval is %v, rescan_window is %v", s.RescanInterval, s.RescanWindow)
	}
}

// Credentials that do not count beside personal_access_token are not used by accident.
func TestPersonalAccessTokenStandsAlone(t *testing.T) {
	t.Parallel()
	s := parse(t, map[string]string{"api_url": "https://wiki.example.com", "personal_access_token": "p", "client_id": "c", "client_secret": "s"})
	if s.UserIdentifier != "" || s.APIToken.IsSet() || s.ClientID != "" || s.ClientSecret.IsSet() {
		t.Errorf("other credentials are left: %+v", s.Options)
	}
}

// The key of an organization is sent as the only credential, to Atlassian's address unless another
// one is named.
func TestOrganization(t *testing.T) {
	t.Parallel()
	s := parse(t, map[string]string{"product": "organization", "api_url": "", "user_identifier": "", "api_token": "", "api_key": "k", "org_id": "abc", "mirrored": "off", "route": "site"})
	if key, _ := s.APIToken.Reveal(); key != "k" || s.UserIdentifier != "" || s.APIURL != "https://api.atlassian.com" || s.Route != "auto" || s.Mirrored {
		t.Errorf("%+v, key %q", s, key)
	}
	client, err := s.Client()
	if err != nil || client.Site().OrgID != "abc" || client.Site().Product != "organization" {
		t.Errorf("%+v, %v", client.Site(), err)
	}
	s = parse(t, map[string]string{"product": "organization", "api_url": "https://api.atlassian-us-gov-mod.com", "user_identifier": "", "api_token": "", "api_key": "k"})
	if s.APIURL != "https://api.atlassian-us-gov-mod.com" {
		t.Errorf("address %s", s.APIURL)
	}
}

func TestAccidents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		key, value, want string
	}{
		"variable":          {"poll_interval", "${POLL}", "poll_interval is the text ${POLL}: that variable was not replaced by its value; use double quotes in a shell, or no quotes in Fluent Bit"},
		"secret variable":   {"api_token", "${TOKEN:-none}", "api_token is the text ${TOKEN:-none}: that variable was not replaced by its value; use double quotes in a shell, or no quotes in Fluent Bit"},
		"line break":        {"api_token", "abc\ndef", "api_token ***: want no line breaks or control characters"},
		"whitespace around": {"poll_interval", "  5m\t", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(from(map[string]string{test.key: test.value}))
			if diff := cmp.Diff(test.want, strings.Join(Mistakes(err), "\n")); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzParse looks for secrets in errors and warnings.
func FuzzParse(f *testing.F) {
	f.Add("https://acme.atlassian.net", "jane", "5m")
	f.Add("http://user:%zz@host", "\"jane\"", "${X}")
	f.Fuzz(func(t *testing.T, url, user, text string) {
		const secret = "s3cr3t-w0rd"
		values := map[string]string{"api_url": url, "user_identifier": user}
		for _, key := range Keys() {
			switch {
			case key.Secret:
				values[key.Name] = "http://" + secret + text + ":" + secret + "@" + text
			case values[key.Name] == "":
				values[key.Name] = text
			}
		}
		delete(values, "db")
		s, err := Parse(func(key string) string { return values[key] })
		for _, line := range append(Mistakes(err), s.Warnings...) {
			if strings.Contains(line, secret) {
				t.Errorf("a secret is printed: %s", line)
			}
			if strings.TrimSpace(line) == "" {
				t.Errorf("an empty line among %q", err)
			}
		}
	})
}
