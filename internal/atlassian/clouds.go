package atlassian

import "strings"

// atlassianCloud is one of Atlassian's clouds. Each has its own gateway and its own place where
// tokens are made; a credential of one must not go to another.
type atlassianCloud struct {
	sites    string // how host names of its sites end
	gateway  string // base URL, empty: not the same for all of its sites
	tokenURL string
}

var atlassianClouds = []atlassianCloud{
	{".atlassian.net", "https://api.atlassian.com", "https://auth.atlassian.com/oauth/token"},
	// Government Cloud (FedRAMP Moderate).
	{".atlassian-us-gov-mod.net", "https://api.atlassian-us-gov-mod.com", "https://auth.atlassian-us-gov-mod.com/oauth/token"},
	// Known to be Cloud; where their gateways are is for the operator to say.
	{".atlassian-us-gov.net", "", ""},
	{".atlassian-isolated.net", "", ""},
}

// cloudOfSite finds the cloud of a site by its host name. A site under a domain of its own is of
// none that we know: nothing is sent anywhere but to it.
func cloudOfSite(host string) (atlassianCloud, bool) {
	host = strings.TrimSuffix(host, ".") // of the root, which changes nothing
	for _, cloud := range atlassianClouds {
		if strings.HasSuffix(host, cloud.sites) {
			return cloud, true
		}
	}
	return atlassianCloud{}, false
}

// cloudOfGateway finds the cloud whose gateway is at an address.
func cloudOfGateway(address string) (atlassianCloud, bool) {
	for _, cloud := range atlassianClouds {
		if cloud.gateway != "" && (address == cloud.gateway || strings.HasPrefix(address, cloud.gateway+"/")) {
			return cloud, true
		}
	}
	return atlassianCloud{}, false
}

// IsCloud tells whether an address is one of Confluence Cloud by its name alone. Cloud sites under
// a domain of their own cannot be told that way.
func IsCloud(host string) bool {
	host = strings.ToLower(host)
	_, site := cloudOfSite(host)
	_, gateway := cloudOfGateway("https://" + host)
	return site || gateway
}

// fillIn sets the gateway and the place of tokens where they follow from the site or from each
// other.
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
	o.GatewayURL = orDefault(o.GatewayURL, cloud.gateway)
	o.TokenURL = orDefault(o.TokenURL, cloud.tokenURL)
}

// UnknownCloud is the error of a site whose gateway cannot be told by its name.
func (c *Client) UnknownCloud() error {
	return Fail(CauseUnknownCloud, nil, "the API gateway for %s is not known", c.Base.Hostname())
}
