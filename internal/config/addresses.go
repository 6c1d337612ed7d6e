package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/organization"
)

// address reads a base URL. Whether http:// is allowed is checked later, when allow_http is known.
func address(field func(*Settings) *string) apply {
	return func(s *Settings, value string) error {
		u, err := url.Parse(value)
		switch {
		case err == nil && u.User != nil:
			return errors.New("want no user or password in it: use user_identifier and api_token")
		case !strings.Contains(value, "://"):
			return fmt.Errorf("want https:// before it, as in https://%s", value)
		case err != nil || u.Hostname() == "":
			return errors.New("want a base URL such as https://acme.atlassian.net")
		case u.Scheme != "https" && u.Scheme != "http":
			return fmt.Errorf("want https://, not %s://", u.Scheme)
		case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(value, "#"):
			return errors.New("want the base URL alone, without ? and #")
		}
		*field(s) = value
		return nil
	}
}

func proxy(s *Settings, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return errors.New("want a URL such as http://proxy.example.com:3128")
	}
	switch u.Scheme {
	case "http", "https", "socks5":
		s.Proxy = value
		return nil
	}
	return fmt.Errorf("want http://, https:// or socks5://, not %s://", u.Scheme)
}

// Atlassian's cloud ids are UUIDs. It is enough here that an id is one segment of a path.
var idPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

func cloudID(s *Settings, value string) error {
	if !idPattern.MatchString(value) {
		return errors.New("want the id alone, such as 7e6a1c2e-0f4b-4c4e-9d55-3a9b3f1d2c11; leave it out and the site is asked")
	}
	s.CloudID = value
	return nil
}

func orgID(s *Settings, value string) error {
	if !idPattern.MatchString(value) {
		return errors.New("want the id alone, such as 22222222-3333-4444-8555-666666666666")
	}
	s.OrgID = value
	return nil
}

// pagePath matches the path of a page, as opposed to a context path.
var pagePath = regexp.MustCompile(`(?i)/(wiki/.+|rest|spaces|pages|display|[^/]+\.action|browse|projects|secure|issues|[^/]+\.jspa)(/|$)`)

func (p *parser) checkAddresses() {
	if !p.given("api_url") && p.OfOrganization() {
		p.APIURL = organization.DefaultURL
	} else if !p.given("api_url") {
		p.mistake("api_url is missing: set it to the base URL of %s, such as https://acme.atlassian.net (a variable that is not set counts as missing)", p.Product.Name)
	}
	p.checkScheme("api_url", p.APIURL)
	p.checkScheme("gateway_url", p.GatewayURL)
	p.checkScheme("token_url", p.TokenURL)
	if u, err := url.Parse(p.APIURL); err == nil && u.Host != "" {
		p.checkPath(u)
	}
	if p.onCloud() && p.Deployment == atlassian.DeploymentDataCenter {
		p.mistake("deployment %q: %s is %s Cloud; want cloud or auto", p.Deployment, p.APIURL, p.Product.Name)
	}
	if p.Deployment == atlassian.DeploymentDataCenter {
		if p.Route == atlassian.RouteGateway {
			p.mistake("route %q: Data Center has no gateway; want site or auto", p.Route)
		}
		if p.CloudID != "" {
			p.mistake("cloud_id %q: Data Center has none; leave it out", p.CloudID)
		}
	}
	if p.SkipTLSVerify {
		p.warn("tls_verify off: anybody on the way can read the credential; use ca_file to trust your own authority")
	}
}

func (p *parser) checkScheme(key, value string) {
	u, err := url.Parse(value)
	if err == nil && u.Scheme == "http" && !p.AllowHTTP && !loopback(u.Hostname()) {
		p.mistake("%s %q: want https://, as http:// sends the credential in the clear; set allow_http on if the network is yours", key, value)
	}
}

// checkPath refuses the address of a page, as copied from a browser.
func (p *parser) checkPath(u *url.URL) {
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), p.Product.Path)
	base := u.Scheme + "://" + u.Host
	switch {
	case path == "" || strings.HasPrefix(u.Path, "/ex/"+p.Product.Key+"/"):
	case p.onCloud() || p.Deployment == atlassian.DeploymentCloud:
		p.mistake("api_url %q: want the base URL without a path: %s", p.APIURL, base)
	case pagePath.MatchString(path):
		p.mistake("api_url %q: want the base URL without the path of a page: %s%s", p.APIURL, base, path[:pagePath.FindStringIndex(path)[0]])
	}
}

// onCloud reports whether the host name alone shows that this is Cloud.
func (p *parser) onCloud() bool {
	u, err := url.Parse(p.APIURL)
	if err != nil {
		return false
	}
	return atlassian.IsCloud(u.Hostname())
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
