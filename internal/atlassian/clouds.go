package atlassian

import (
	"cmp"
	"strings"
)

// atlassianCloud is one of Atlassian's clouds. Each has its own gateway and token server. A
// credential of one cloud must not go to another.
type atlassianCloud struct {
	sites    string // suffix of the host names of its sites
	gateway  string // base URL; empty if its sites have different ones
	tokenURL string
}

var atlassianClouds = []atlassianCloud{
	{".atlassian.net", "https://api.atlassian.com", "https://auth.atlassian.com/oauth/token"},
	// Government Cloud (FedRAMP Moderate).
	{".atlassian-us-gov-mod.net", "https://api.atlassian-us-gov-mod.com", "https://auth.atlassian-us-gov-mod.com/oauth/token"},
	// Known to be Cloud, but the operator has to set the gateway.
	{".atlassian-us-gov.net", "", ""},
	{".atlassian-isolated.net", "", ""},
}

// cloudOfSite finds the cloud of a site by its host name. A site under its own domain belongs to no
// known cloud: the credential goes to that site only.
func cloudOfSite(host string) (atlassianCloud, bool) {
	host = strings.TrimSuffix(host, ".") // the trailing dot changes nothing
	for _, cloud := range atlassianClouds {
		if strings.HasSuffix(host, cloud.sites) {
			return cloud, true
		}
	}
	return atlassianCloud{}, false
}

// cloudOfGateway finds the cloud whose gateway has an address.
func cloudOfGateway(address string) (atlassianCloud, bool) {
	for _, cloud := range atlassianClouds {
		if cloud.gateway != "" && (address == cloud.gateway || strings.HasPrefix(address, cloud.gateway+"/")) {
			return cloud, true
		}
	}
	return atlassianCloud{}, false
}

// IsCloud reports whether a host name belongs to Atlassian Cloud. It cannot recognise Cloud sites
// under their own domain.
func IsCloud(host string) bool {
	host = strings.ToLower(host)
	_, site := cloudOfSite(host)
	_, gateway := cloudOfGateway("https://" + host)
	return site || gateway
}

// fillIn sets the gateway and the token server if they follow from the site or from each other.
func (o *Options) fillIn(api string, host string) {
	cloud, known := cloudOfSite(host)
	if !known {
		cloud, known = cloudOfGateway(api)
	}
	if o.GatewayURL != "" {
		cloud, known = cloudOfGateway(o.GatewayURL)
	}
	if !known {
		return
	}
	o.GatewayURL = cmp.Or(o.GatewayURL, cloud.gateway)
	o.TokenURL = cmp.Or(o.TokenURL, cloud.tokenURL)
}

// UnknownCloud returns the error for a site whose gateway does not follow from its name.
func (c *Client) UnknownCloud() error {
	return Fail(CauseUnknownCloud, nil, "the API gateway for %s is not known", c.Base.Hostname())
}
