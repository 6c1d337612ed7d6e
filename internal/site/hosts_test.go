package site_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/idna"
)

// A credential goes only to hosts that follow from the configuration. A proxy that allows
// everything records the hosts, for every kind of credential and domain, while all hosts refuse
// every request.
func TestHosts(t *testing.T) {
	t.Parallel()
	var (
		token = func(o *atlassian.Options) { o.UserIdentifier, o.APIToken = testUser, atlassian.NewSecret(testToken) }
		alone = func(o *atlassian.Options) { o.APIToken = atlassian.NewSecret(testToken) }
		pat   = func(o *atlassian.Options) { o.PersonalAccessToken = atlassian.NewSecret(testPAT) }
		oauth = func(o *atlassian.Options) { o.ClientID, o.ClientSecret = "id", atlassian.NewSecret("client-s3cret") }
	)
	const (
		commercial = "api.atlassian.com:443"
		commAuth   = "auth.atlassian.com:443"
		government = "api.atlassian-us-gov-mod.com:443"
		govAuth    = "auth.atlassian-us-gov-mod.com:443"
	)
	tests := []struct {
		site, credential string
		set              func(*atlassian.Options)
		want             []string // in addition to the site
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
		{"acme.atlassian-isolated.net", "PAT", pat, nil, ""},
		{"acme.atlassian-isolated.net", "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"acme.atlassian-us-gov-mod.net", "PAT", pat, nil, ""},
		{"acme.atlassian-us-gov.com", "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		// Hosts that look like a site of Atlassian but are not.
		{"evilatlassian.net", "token", token, nil, "set gateway_url"},
		{"atlassian.net", "token alone", alone, nil, "set gateway_url"},
		{"acme.atlassian.net.evil.example", "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"acme-atlassian.net", "token", token, nil, "set gateway_url"},
		{"acme.atlassian.net.", "token", token, []string{commercial}, ""},
		{"acme.atlassian-us-gov-mod.net.", "OAuth", oauth, []string{government, govAuth}, ""},
		{"acme.\u0430tlassian.net", "token", token, nil, "set gateway_url"}, // a Cyrillic a
		{"xn--tlassian-2fg.net", "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"acme.atlassian.net:8443", "token", token, []string{commercial}, ""},
		{"api.atlassian.com.evil.example/ex/confluence/" + testCloudID, "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		{"api.atlassian.com:444/ex/confluence/" + testCloudID, "OAuth", oauth, nil, "set gateway_url, for a service account token_url too"},
		// Settings are kept.
		{"docs.acme.example", "OAuth, gateway set", with2(oauth, func(o *atlassian.Options) { o.GatewayURL = "https://gw.acme.example" }), []string{}, "token_url"},
		{"docs.acme.example", "OAuth, both set", with2(oauth, func(o *atlassian.Options) {
			o.GatewayURL, o.TokenURL = "https://gw.acme.example", "https://auth.acme.example/oauth/token"
		}), []string{"gw.acme.example:443", "auth.acme.example:443"}, ""},
		{"acme.atlassian.net", "token, another gateway", with2(token, func(o *atlassian.Options) { o.GatewayURL = "https://gw.acme.example" }), []string{"gw.acme.example:443"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.site+" "+tt.credential, func(t *testing.T) {
			t.Parallel()
			asked, lines := connects(t, tt.site, tt.set, mismatch)
			want := append([]string{ofSite(t, tt.site)}, tt.want...)
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

func with2(first, then func(*atlassian.Options)) func(*atlassian.Options) {
	return func(o *atlassian.Options) { first(o); then(o) }
}

// ofSite is how a proxy is asked for a site.
func ofSite(t *testing.T, site string) string {
	t.Helper()
	host, _, _ := strings.Cut(site, "/")
	ascii, err := idna.Lookup.ToASCII(host)
	if strings.Contains(host, ":") || strings.HasSuffix(host, ".") {
		ascii, err = host, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(ascii, ":") {
		ascii += ":443"
	}
	return ascii
}

// However a site, a gateway or a token server redirects, no other host gets a request.
func TestHostsOfRedirects(t *testing.T) {
	t.Parallel()
	token := func(o *atlassian.Options) { o.UserIdentifier, o.APIToken = testUser, atlassian.NewSecret(testToken) }
	oauth := func(o *atlassian.Options) { o.ClientID, o.ClientSecret = "id", atlassian.NewSecret("client-s3cret") }
	center := with2(token, func(o *atlassian.Options) { o.Deployment = atlassian.DeploymentDataCenter })
	known := []string{"acme.atlassian.net:443", "api.atlassian.com:443", "auth.atlassian.com:443"}
	for _, to := range []string{
		"https://evil.example/", "https://acme.atlassian.net.evil.example/", "https://evilatlassian.net/", "https://other.atlassian.net/", "//evil.example/x",
		"https://acme.atlassian.net:8443/", "https://acme.atlassian.net./", "https://acme.atlassian.net@evil.example/", "http://acme.atlassian.net/",
		"https://acme.\u0430tlassian.net/", `https:\\evil.example\`, `/\evil.example/`, "https://api.atlassian.com.evil.example/ex/confluence/x/wiki/rest/api/audit",
		"https://API.ATLASSIAN.COM/evil", "https://auth.atlassian.com/evil", "https:///evil.example", "https://evil.example\t.atlassian.net/", "gopher://evil.example",
	} {
		ways := map[string]http.HandlerFunc{
			"next": func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"results":[{"creationDate":1}],"start":0,"limit":1,"size":1,"_links":{"base":%q,"next":%q},"pagingInfo":{"nextPageLink":%q,"nextPageCursor":"c"},"entities":[]}`, to, to+"rest/api/audit?start=1", to)
			},
		}
		for _, status := range []int{301, 302, 303, 307, 308} {
			ways[fmt.Sprint(status)] = reply(status, "", "Location", to)
		}
		for way, answer := range ways {
			for credential, set := range map[string]func(*atlassian.Options){"token": token, "OAuth": oauth, "Data Center": center} {
				t.Run(way+" "+to+" "+credential, func(t *testing.T) {
					t.Parallel()
					asked, _ := connects(t, "acme.atlassian.net", set, answer)
					for _, got := range asked {
						if !slices.Contains(known, strings.ToLower(got)) {
							t.Errorf("%s was asked", got)
						}
					}
				})
			}
		}
	}
}

// A redirect without a valid target is not reported as a broken connection.
func TestRedirectToNowhere(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"https://evil.example\t.net/", "http://[", "%zz", ""} {
		err := read(t.Context(), scenario{Options: center, handler: reply(302, "", "Location", to)}.start(t))
		if atlassian.CauseOf(err) != atlassian.CauseRedirect {
			t.Errorf("%q: error %v", to, err)
		}
	}
}

// An address that credentials are sent to must not look like another.
func TestAddressesRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://acme.atlassian.net@evil.example", "https://jane:pw@acme.atlassian.net", "https://evil.example\\@acme.atlassian.net", "https://evil.example#.atlassian.net",
		"https://evil.example?.atlassian.net", "https://acme.atlassian.net%2eevil.example", "ftp://acme.atlassian.net", "https://", "https://acme.atlassian.net\n.evil.example",
		"http://acme.atlassian.net", "https:acme.atlassian.net", "//acme.atlassian.net",
	} {
		o := atlassian.Options{APIURL: address, UserIdentifier: testUser, APIToken: atlassian.NewSecret("t")}
		if c, err := confluence.New(o); err == nil {
			t.Errorf("%s is taken as %s", address, c.Site().URL)
		} else if strings.Contains(err.Error(), "pw@") {
			t.Errorf("the password is in %v", err)
		}
	}
}

// connects returns the hosts that a client connects to through a proxy.
func connects(t *testing.T, site string, set func(*atlassian.Options), answer http.HandlerFunc) (asked []string, lines string) {
	t.Helper()
	everything := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case tenantPath:
			fmt.Fprintf(w, `{"cloudId":%q}`, testCloudID)
		case "/oauth/token":
			fmt.Fprint(w, `{"access_token":"access-t0ken-0815","expires_in":3600}`)
		default:
			answer(w, r)
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
	// the server has one certificate for all
	o := atlassian.Options{APIURL: "https://" + site, Proxy: proxy.URL, SkipTLSVerify: true}
	set(&o)
	c := newClient(t, o)
	_, err := c.Connect(t.Context())
	_ = read(t.Context(), c)
	lines = fmt.Sprint(err)
	c.Check(t.Context(), func(s Step) { lines += fmt.Sprintln(s.Detail, s.Err) })
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(asked), lines
}

// The gateway and the token server follow from the site and from the settings.
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
		c, err := atlassian.New(atlassian.Options{APIURL: tt.api, GatewayURL: tt.gateway, TokenURL: tt.token, UserIdentifier: testUser, APIToken: atlassian.NewSecret("t")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{tt.wantGateway, tt.wantToken}, []string{c.Options.GatewayURL, c.Options.TokenURL}); diff != "" {
			t.Errorf("%s %s %s (-want +got):\n%s", tt.api, tt.gateway, tt.token, diff)
		}
	}
}
