package site_test

import (
	"strings"
	"testing"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
)

func TestCanonicalURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://acme.atlassian.net":                "https://acme.atlassian.net",
		"HTTPS://Acme.Atlassian.NET:443/wiki/":      "https://acme.atlassian.net",
		" https://acme.atlassian.net// ":            "https://acme.atlassian.net",
		"https://wiki.example.com:8443/Context/":    "https://wiki.example.com:8443/Context",
		"https://wiki.example.com/Context/wiki":     "https://wiki.example.com/Context",
		"http://localhost:8090":                     "http://localhost:8090",
		"http://127.0.0.1:80":                       "http://127.0.0.1",
		"http://[::1]:8090/confluence":              "http://[::1]:8090/confluence",
		"https://[2001:DB8::1]:443":                 "https://[2001:db8::1]",
		"https://api.atlassian.com/ex/confluence/1": "https://api.atlassian.com/ex/confluence/1",
	} {
		c, err := confluence.New(atlassian.Options{APIURL: given, UserIdentifier: testUser, APIToken: atlassian.NewSecret("t")})
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if got := c.Site().URL; got != want {
			t.Errorf("%s becomes %s, want %s", given, got, want)
		}
	}
}

func TestNewMistakes(t *testing.T) {
	t.Parallel()
	good := atlassian.Options{APIURL: "https://acme.atlassian.net", UserIdentifier: testUser, APIToken: atlassian.NewSecret("t0ken")}
	tests := []struct {
		name   string
		change func(*atlassian.Options)
		want   string
	}{
		{"no address", func(o *atlassian.Options) { o.APIURL = "" }, "api_url: required, such as https://acme.atlassian.net"},
		{"host alone", func(o *atlassian.Options) { o.APIURL = "acme.atlassian.net" }, `api_url "acme.atlassian.net": want it to begin with https://`},
		{"no host", func(o *atlassian.Options) { o.APIURL = "https:///x" }, `api_url "https:///x": has no host`},
		{"no URL", func(o *atlassian.Options) { o.APIURL = "https://a b" }, "api_url: not a URL; want one such as https://acme.atlassian.net"},
		{"password in it", func(o *atlassian.Options) { o.APIURL = "https://me:t0ken@acme.atlassian.net" }, "api_url: must not hold a user or password; use user_identifier and api_token"},
		{"query", func(o *atlassian.Options) { o.APIURL = "https://acme.atlassian.net?x=1" }, "api_url: must not hold ? or #; want the base URL alone"},
		{"http", func(o *atlassian.Options) { o.APIURL = "http://acme.atlassian.net" }, `api_url "http://acme.atlassian.net": http:// would send the credential in the clear; use https:// or set allow_http on`},
		{"http gateway", func(o *atlassian.Options) { o.GatewayURL = "http://gateway.example" }, `gateway_url "http://gateway.example": http:// would send the credential in the clear; use https:// or set allow_http on`},
		{"http token url", func(o *atlassian.Options) { o.TokenURL = "http://auth.example/t" }, `token_url "http://auth.example/t": http:// would send the credential in the clear; use https:// or set allow_http on`},
		{"deployment", func(o *atlassian.Options) { o.Deployment = "server" }, `deployment "server": want auto, cloud or datacenter`},
		{"route", func(o *atlassian.Options) { o.Route = "x" }, `route "x": want auto, site or gateway`},
		{"cloud id", func(o *atlassian.Options) { o.CloudID = "../x" }, `cloud_id "../x": want the id alone, such as 7e6a1c2e-0f4b-4c4e-9d55-3a9b3f1d2c11`},
		{"page size", func(o *atlassian.Options) { o.PageSize = 1 }, "page_size 1: want 2 to 100000"},
		{"timeout", func(o *atlassian.Options) { o.Timeout = -1 }, "timeout -1ns: want a duration above 0"},
		{"proxy", func(o *atlassian.Options) { o.Proxy = "ftp://me:t0ken@proxy" }, "proxy: want http://host:port, https://host:port or socks5://host:port, with user:password@ before the host if needed"},
		{"no credential", func(o *atlassian.Options) { o.UserIdentifier, o.APIToken = "", atlassian.Secret{} }, "no credential: give user_identifier and api_token, or personal_access_token, or client_id and client_secret"},
		{"no user at Data Center", func(o *atlassian.Options) { o.UserIdentifier, o.Deployment = "", atlassian.DeploymentDataCenter }, "user_identifier: required with api_token, which is its password on Data Center"},
		{"no user at the site", func(o *atlassian.Options) { o.UserIdentifier, o.Route = "", atlassian.RouteSite }, "user_identifier: required with api_token and route site; a service account's token works at the gateway only"},
		{"no token", func(o *atlassian.Options) { o.APIToken = atlassian.Secret{} }, "api_token: required with user_identifier"},
		{"colon", func(o *atlassian.Options) { o.UserIdentifier = "me:t0ken" }, "user_identifier: must not contain a colon"},
		{"half OAuth", func(o *atlassian.Options) { o.ClientID = "id" }, "client_id and client_secret: give both or neither"},
		{"PAT at Cloud", func(o *atlassian.Options) {
			o.PersonalAccessToken, o.Deployment = atlassian.NewSecret("p"), atlassian.DeploymentCloud
		}, "personal_access_token: Cloud has none; give user_identifier and api_token, or client_id and client_secret"},
		{"two", func(o *atlassian.Options) { o.Route, o.PageSize = "x", -1 }, "route \"x\": want auto, site or gateway\npage_size -1: want 2 to 100000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := good
			tt.change(&o)
			_, err := confluence.New(o)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v\nwant  %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "t0ken") {
				t.Error("a secret is in the error")
			}
		})
	}
}
