package confluence

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A credential goes to no host that does not follow from the configuration. A
// proxy that lets everything through says which hosts are asked, for every kind
// of credential and of domain, while all of them refuse whatever they get.
func TestHosts(t *testing.T) {
	t.Parallel()
	var (
		token = func(o *Options) { o.UserIdentifier, o.APIToken = testUser, NewSecret(testToken) }
		alone = func(o *Options) { o.APIToken = NewSecret(testToken) }
		pat   = func(o *Options) { o.PersonalAccessToken = NewSecret(testPAT) }
		oauth = func(o *Options) { o.ClientID, o.ClientSecret = "id", NewSecret("client-s3cret") }
	)
	const (
		commercial = "api.atlassian.com:443"
		commAuth   = "auth.atlassian.com:443"
		government = "api.atlassian-us-gov-mod.com:443"
		govAuth    = "auth.atlassian-us-gov-mod.com:443"
	)
	tests := []struct {
		site, credential string
		set              func(*Options)
		want             []string // beside the site
		says             string
	}{
		{"acme.atlassian.net", "token", token, []string{commercial}, ""},
		{"acme.atlassian.net", "token alone", alone, []string{commercial}, ""},
		{"acme.atlassian.net", "PAT", pat, nil, ""},
		{"acme.atlassian.net", "OAuth", oauth, []string{commercial, commAuth}, ""},
		{"acme.atlassian-us-gov-mod.net", "token", token, []string{government}, ""},
		{"acme.atlassian-us-gov-mod.net", "token alone", alone, []string{government}, ""},
		{"acme.atlassian-us-gov-mod.net", "OAuth", oauth, []string{government, govAuth}, ""},
		{"acme.atlassian-us-gov.net", "token", token, nil, "set gateway_url"},
		{"acme.atlassian-us-gov.net", "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"acme.atlassian-isolated.net", "token", token, nil, "set gateway_url"},
		{"acme.atlassian-isolated.net", "token alone", alone, nil, "set gateway_url"},
		{"docs.acme.example", "token", token, nil, "set gateway_url"},
		{"docs.acme.example", "token alone", alone, nil, "set gateway_url"},
		{"docs.acme.example", "PAT", pat, nil, ""},
		{"docs.acme.example", "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"atlassian.net.evil.example", "token", token, nil, "set gateway_url"},
		{"api.atlassian-us-gov-mod.com/ex/confluence/" + testCloudID, "OAuth", oauth, []string{govAuth}, ""},
		{"gateway.acme.example/ex/confluence/" + testCloudID, "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"gateway.acme.example/ex/confluence/" + testCloudID, "token", token, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.site+" "+tt.credential, func(t *testing.T) {
			t.Parallel()
			asked, lines := connects(t, tt.site, tt.set)
			host, _, _ := strings.Cut(tt.site, "/")
			want := append([]string{host + ":443"}, tt.want...)
			for _, got := range asked {
				if !slices.Contains(want, got) {
					t.Errorf("%s was asked, want none but %q", got, want)
				}
			}
			for _, must := range tt.want {
				if !slices.Contains(asked, must) {
					t.Errorf("%s was not asked", must)
				}
			}
			if !strings.Contains(lines, tt.says) {
				t.Errorf("%q is not said:\n%s", tt.says, lines)
			}
		})
	}
}

// connects returns the hosts that a client connects to through a proxy.
func connects(t *testing.T, site string, set func(*Options)) (asked []string, lines string) {
	t.Helper()
	everything := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case tenantPath:
			fmt.Fprintf(w, `{"cloudId":%q}`, testCloudID)
		case "/oauth/token":
			fmt.Fprint(w, `{"access_token":"access-t0ken-0815","expires_in":3600}`)
		default:
			mismatch(w, r)
		}
	})
	var mu sync.Mutex
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Host)
		mu.Unlock()
		tunnel(w, everything.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	o := Options{APIURL: "https://" + site, Proxy: proxy.URL}
	set(&o)
	c, err := New(o) // tls_verify off: the server has one certificate for all
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	_, err = c.Connect(t.Context())
	_ = read(t.Context(), c)
	lines = fmt.Sprint(err)
	c.Check(t.Context(), func(s Step) { lines += fmt.Sprintln(s.Detail, s.Err) })
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(asked), lines
}

// Where the gateway and the place of tokens are follows from the site, and from
// what is set of them.
func TestCloudAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ api, gateway, token, wantGateway, wantToken string }{
		{"https://acme.atlassian.net", "", "", "https://api.atlassian.com", "https://auth.atlassian.com/oauth/token"},
		{"https://ACME.Atlassian.net:443/wiki", "", "", "https://api.atlassian.com", "https://auth.atlassian.com/oauth/token"},
		{"https://a.atlassian-us-gov-mod.net", "", "", "https://api.atlassian-us-gov-mod.com", "https://auth.atlassian-us-gov-mod.com/oauth/token"},
		{"https://docs.acme.example", "https://api.atlassian.com/", "", "https://api.atlassian.com", "https://auth.atlassian.com/oauth/token"},
		{"https://docs.acme.example", "https://gw.example", "", "https://gw.example", ""},
		{"https://acme.atlassian.net", "https://gw.example", "", "https://gw.example", ""},
		{"https://docs.acme.example", "", "https://t.example/x", "", "https://t.example/x"},
		{"https://api.atlassian.com/ex/confluence/" + testCloudID, "", "", "https://api.atlassian.com", "https://auth.atlassian.com/oauth/token"},
	} {
		c, err := New(Options{APIURL: tt.api, GatewayURL: tt.gateway, TokenURL: tt.token, UserIdentifier: testUser, APIToken: NewSecret("t")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{tt.wantGateway, tt.wantToken}, []string{c.opts.GatewayURL, c.opts.TokenURL}); diff != "" {
			t.Errorf("%s %s %s (-want +got):\n%s", tt.api, tt.gateway, tt.token, diff)
		}
	}
}
