package atlassian

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
)

// Deployment is the kind of product behind an address.
type Deployment string

// Deployments. Auto asks the server.
const (
	DeploymentAuto       Deployment = "auto"
	DeploymentCloud      Deployment = "cloud"
	DeploymentDataCenter Deployment = "datacenter"
)

// Route is the route to a Cloud site's API. API tokens without scopes work at the site only, tokens
// with scopes and OAuth tokens at the gateway only. A token does not show its kind.
type Route string

// Routes. Auto tries the site, then the gateway.
const (
	RouteAuto    Route = "auto"
	RouteSite    Route = "site"
	RouteGateway Route = "gateway"
)

// Defaults of [Options].
const (
	DefaultPageSize = 1000
	DefaultTimeout  = 60 * time.Second
)

// MinPageSize is the smallest page that can overlap the page before it. The overlap shows records
// that moved while they were read.
const MinPageSize = 2

// MaxPageSize is the largest page that Data Center accepts. Cloud may send smaller pages than asked
// for.
const MaxPageSize = 100_000

// Options say which site to read and how. APIURL and one credential are required. Every other zero
// value means the default.
type Options struct {
	// APIURL is the base URL without paths, such as https://acme.atlassian.net or
	// https://wiki.example.com/context. A trailing / or PagePath is accepted, and so is
	// https://api.atlassian.com/ex/{product}/{cloudId}.
	APIURL string
	// PagePath is the path of a product's pages in a browser, such as /wiki.
	PagePath string

	UserIdentifier string // account e-mail (Cloud), user name (Data Center)
	// API token (Cloud; a service account's needs no UserIdentifier), password (Data Center)
	APIToken            Secret
	PersonalAccessToken Secret // Data Center; when set, UserIdentifier and APIToken are ignored

	// OAuth 2.0 client credentials of a Cloud service account.
	ClientID     string
	ClientSecret Secret
	TokenURL     string // default: that of the site's cloud, if it can be told

	Deployment Deployment // default DeploymentAuto
	Route      Route      // default RouteAuto
	CloudID    string     // default: asked from the site
	GatewayURL string     // default: that of the site's cloud, if it can be told

	AllowHTTP bool          // accept http:// also for hosts other than loopback
	PageSize  int           // records per request, default DefaultPageSize
	Timeout   time.Duration // of one request with its body, default DefaultTimeout
	// http, https or socks5 URL, may hold a password; default: from the environment
	Proxy         string
	CAFile        string // PEM file of authorities, trusted in addition to the system's
	SkipTLSVerify bool   // accept any certificate

	// IncludeAuditSearches keeps the records that Data Center writes when we read its audit log.
	IncludeAuditSearches bool

	// Quota limits the requests a minute; default: none.
	Quota Quota

	// Transport may wrap the transport, for tests. It may be nil.
	Transport func(*http.Transport) http.RoundTripper

	UserAgent string             // default: the name of this program
	Log       logrus.FieldLogger // notices; nil discards them

	// Remedies replace those of the table of causes, for a product.
	Remedies map[Cause]string

	// Announced is called once for each announcement of the server about its API, such as its end.
	// It may be nil.
	Announced func(message string)
}

// normalize fills in defaults and checks everything that needs no request. The error has one line
// per mistake.
func (o Options) normalize() (Options, *url.URL, error) {
	var mistakes []error
	mistake := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }

	o.Deployment = cmp.Or(o.Deployment, DeploymentAuto)
	o.Route = cmp.Or(o.Route, RouteAuto)
	o.PageSize = cmp.Or(o.PageSize, DefaultPageSize)
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.UserAgent = cmp.Or(o.UserAgent, defaultUserAgent())
	if o.Log == nil {
		o.Log = discardLogger()
	}

	api, err := o.baseURL("api_url", o.APIURL)
	if err != nil {
		mistakes = append(mistakes, err)
	} else {
		api.Path = strings.TrimSuffix(strings.TrimRight(api.Path, "/"), o.PagePath)
	}
	for key, address := range map[string]*string{"gateway_url": &o.GatewayURL, "token_url": &o.TokenURL} {
		if *address == "" {
			continue
		}
		u, err := o.baseURL(key, *address)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		*address = u.String()
	}
	if api != nil {
		o.fillIn(api.String(), api.Hostname())
	}

	switch o.Deployment {
	case DeploymentAuto, DeploymentCloud, DeploymentDataCenter:
	default:
		mistake("deployment %q: want auto, cloud or datacenter", o.Deployment)
	}
	switch o.Route {
	case RouteAuto, RouteSite, RouteGateway:
	default:
		mistake("route %q: want auto, site or gateway", o.Route)
	}
	if o.CloudID != "" && !IsCloudID(o.CloudID) {
		mistake("cloud_id %q: want the id alone, such as 7e6a1c2e-0f4b-4c4e-9d55-3a9b3f1d2c11", o.CloudID)
	}
	if o.PageSize < MinPageSize || o.PageSize > MaxPageSize {
		mistake("page_size %d: want %d to %d", o.PageSize, MinPageSize, MaxPageSize)
	}
	if o.Timeout < 0 {
		mistake("timeout %v: want a duration above 0", o.Timeout)
	}
	mistakes = append(mistakes, o.checkCredentials()...)
	if len(mistakes) > 0 {
		return o, nil, errors.Join(mistakes...)
	}
	return o, api, nil
}

func (o Options) checkCredentials() []error {
	var mistakes []error
	switch {
	case o.PersonalAccessToken.IsSet():
		if o.Deployment == DeploymentCloud {
			mistakes = append(mistakes, errors.New("personal_access_token: Cloud has none; give user_identifier and api_token, or client_id and client_secret"))
		}
	case o.ClientID != "" || o.ClientSecret.IsSet():
		if o.ClientID == "" || !o.ClientSecret.IsSet() {
			mistakes = append(mistakes, errors.New("client_id and client_secret: give both or neither"))
		}
		if o.Deployment == DeploymentDataCenter {
			mistakes = append(mistakes, errors.New("client_id: OAuth client credentials are for Cloud; give personal_access_token on Data Center"))
		}
		if o.Route == RouteSite {
			mistakes = append(mistakes, errors.New("route site: OAuth client credentials work at the gateway only; leave route out"))
		}
	case o.UserIdentifier == "" && !o.APIToken.IsSet():
		mistakes = append(mistakes, errors.New("no credential: give user_identifier and api_token, or personal_access_token, or client_id and client_secret"))
	case o.UserIdentifier == "" && o.Deployment == DeploymentDataCenter:
		mistakes = append(mistakes, errors.New("user_identifier: required with api_token, which is its password on Data Center"))
	case o.UserIdentifier == "" && o.Route == RouteSite:
		mistakes = append(mistakes, errors.New("user_identifier: required with api_token and route site; a service account's token works at the gateway only"))
	case strings.Contains(o.UserIdentifier, ":"):
		mistakes = append(mistakes, errors.New("user_identifier: must not contain a colon"))
	case !o.APIToken.IsSet():
		mistakes = append(mistakes, errors.New("api_token: required with user_identifier"))
	}
	return mistakes
}

// baseURL parses an address that credentials will be sent to. The result has its host in lower
// case, no default port and no trailing slash.
func (o Options) baseURL(key, value string) (*url.URL, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil, fmt.Errorf("%s: required, such as https://acme.atlassian.net", key)
	}
	u, err := url.Parse(value)
	if err != nil {
		// The error is not wrapped, because it quotes the value, which may hold a password.
		return nil, fmt.Errorf("%s: not a URL; want one such as https://acme.atlassian.net", key)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("%s: must not hold a user or password; use user_identifier and api_token", key)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s %q: want it to begin with https://", key, value)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s %q: has no host", key, value)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("%s: must not hold ? or #; want the base URL alone", key)
	case u.Scheme == "http" && !o.AllowHTTP && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s %q: http:// would send the credential in the clear; use https:// or set allow_http on", key, value)
	}
	u.Host = canonicalHost(u)
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// canonicalHost returns the host in lower case, without the default port of the scheme.
func canonicalHost(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, port)
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// IsCloudID accepts every id that can be one path segment. Atlassian's ids are UUIDs, but future
// ids may differ.
func IsCloudID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}

func discardLogger() logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}
