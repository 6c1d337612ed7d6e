package docs

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig/rigtest"
)

// place is where the commands of one page run: a clone of the project on a machine with simulated
// files and sites.
type place struct {
	dir      string            // the clone
	replace  *strings.Replacer // from the paths and addresses of the pages to those of this place
	port     string            // of Fluent Bit's HTTP server
	exported []string          // the page's exports
	config   string            // the last configuration of the page
}

// The credentials of the simulated sites. User names are those of the pages, and secrets are in
// files with telling names.
var (
	cloud  = simulate.Credentials{User: "auditor@example.com", Token: "unscoped", ScopedToken: "scoped", ClientID: "your-client-id", ClientSecret: "client-secret"}
	center = simulate.Credentials{User: "audit-reader", Password: "password", PersonalAccessToken: "pat"}
	files  = map[string]string{
		"token": cloud.Token, "api_token": cloud.Token,
		"jira_api_token": cloud.Token, "confluence_api_token": cloud.Token,
		"/run/secrets/confluence_api_token": cloud.ScopedToken, "/run/secrets/confluence_client_secret": cloud.ClientSecret,
		"/run/secrets/confluence_pat": center.PersonalAccessToken, "/run/secrets/confluence_password": center.Password,
		"/run/secrets/confluence_db_password": "password",
		"/run/secrets/organization_api_key":   "org-key",
		"/run/secrets/jira_api_token":         cloud.ScopedToken, "/run/secrets/jira_pat": center.PersonalAccessToken,
	}
)

// system are the folders that the pages name with an absolute path.
var system = []string{"/etc/fluent-bit", "/fluent-bit/etc", "/usr/lib/fluent-bit", "/var/lib/fluent-bit", "/var/tmp", "/run/secrets"}

func newPlace(t *testing.T) *place {
	t.Helper()
	base := t.TempDir()
	p := &place{dir: filepath.Join(base, "clone"), port: strconv.Itoa(rigtest.FreePort(t))}
	// A Cloud site has both products and its organization at one address, Data Centers have an address
	// each.
	play := func(product, deployment string, c simulate.Credentials) *simulate.Simulator {
		return simulate.New(simulate.Options{Records: 50, Credentials: c, Deployment: deployment, Product: product})
	}
	site := simulate.Site(play(simulate.Confluence, simulate.Cloud, cloud), play(simulate.Jira, simulate.Cloud, cloud))
	acme := start(t, simulate.WithOrganization(site, play(simulate.Organization, simulate.Cloud, cloud)))
	wiki := start(t, play(simulate.Confluence, simulate.DataCenter, center))
	jira := start(t, play(simulate.Jira, simulate.DataCenter, center))
	pairs := []string{"https://acme.atlassian.net", acme, "https://wiki.example.com", wiki, "https://jira.example.com", jira, "ORGANIZATION_API_KEY=...", "ORGANIZATION_API_KEY=org-key", "JIRA_API_TOKEN=...", "JIRA_API_TOKEN=" + cloud.Token, "CONFLUENCE_API_TOKEN=...", "CONFLUENCE_API_TOKEN=" + cloud.Token,
		"product: organization\n", "product: organization\n      api_url: " + acme + "\n", "elastic.example.com", "127.0.0.1", "127.0.0.1:2020", "127.0.0.1:" + p.port, "http_port: 2020", "http_port: " + p.port}
	for _, folder := range system {
		must(t, os.MkdirAll(filepath.Join(base, folder), 0o700))
		pairs = append(pairs, folder, filepath.Join(base, folder))
	}
	p.replace = strings.NewReplacer(pairs...)

	must(t, os.Mkdir(p.dir, 0o700))
	for _, name := range []string{"examples", "deploy", "fluent-bit.conf", "fluent-bit.yaml"} {
		p.link(t, filepath.Join(root, name), filepath.Join(p.dir, name))
	}
	p.link(t, tool, filepath.Join(p.dir, "build/confluence-audit"))
	p.link(t, plugin, filepath.Join(p.dir, "build/in_confluence.so"))
	p.link(t, plugin, filepath.Join(base, "/usr/lib/fluent-bit/in_confluence.so"))
	for _, folder := range []string{"/etc/fluent-bit", "/fluent-bit/etc"} {
		p.link(t, filepath.Join(root, "fluent-bit.conf"), filepath.Join(base, folder, "fluent-bit.conf"))
	}
	chunk, err := os.ReadFile(filepath.Join(root, "internal/chunk/testdata/rejected.flb"))
	must(t, err)
	rejected := filepath.Join(base, "/var/lib/fluent-bit/buffer/rejected")
	must(t, os.MkdirAll(rejected, 0o700))
	must(t, os.WriteFile(filepath.Join(rejected, "confluence.audit_0_stdout.0_0x1.flb"), chunk, 0o600))
	for name, secret := range files {
		path := filepath.Join(p.dir, name)
		if filepath.IsAbs(name) {
			path = filepath.Join(base, name)
		}
		must(t, os.WriteFile(path, []byte(secret+"\n"), 0o400))
	}
	// The variables that the ready configurations name in their head.
	p.exported = []string{
		"export CONFLUENCE_API_URL=" + acme + " CONFLUENCE_USER_IDENTIFIER=" + cloud.User + " CONFLUENCE_API_TOKEN=" + cloud.Token,
		"export JIRA_API_URL=" + acme + " JIRA_USER_IDENTIFIER=" + cloud.User + " JIRA_API_TOKEN=" + cloud.Token,
		"export ORGANIZATION_API_URL=" + acme + " ORGANIZATION_ORG_ID=22222222-3333-4444-8555-666666666666 ORGANIZATION_API_KEY=org-key",
		"export CONFLUENCE_DATA=" + base + "/data CONFLUENCE_GATEWAY_URL=" + acme + " JIRA_GATEWAY_URL=" + acme + " PATH=" + filepath.Dir(tool) + ":$PATH",
	}
	return p
}

// export adds an export of the page. One with another site replaces the previous ones.
func (p *place) export(line string) {
	if strings.Contains(line, "CONFLUENCE_API_URL=") {
		p.exported[0] = line
		return
	}
	p.exported = append(p.exported, line)
}

// start starts a site and returns its address.
func start(t *testing.T, site http.Handler) string {
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return server.URL
}

func (p *place) link(t *testing.T, from, to string) {
	t.Helper()
	from, err := filepath.Abs(from)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(to), 0o700))
	must(t, os.Symlink(from, to))
}

var address = regexp.MustCompile(`(?m)^( *(?:- )?)api_url: (http://127\.0\.0\.1:\d+)`)

// here returns a text of a page with the paths and addresses of this place. Atlassian's own
// addresses, which the pages leave to the defaults, become those of the site.
func (p *place) here(text string) string {
	return address.ReplaceAllStringFunc(p.replace.Replace(text), func(line string) string {
		m := address.FindStringSubmatch(line)
		indent := strings.Repeat(" ", len(m[1]))
		return fmt.Sprintf("%s\n%sgateway_url: %s\n%stoken_url: %s/oauth/token", line, indent, m[2], indent, m[2])
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
