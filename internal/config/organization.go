package config

import "fluent-bit-confluence/internal/atlassian"

// Keys that are for one kind of log only.
var (
	ofOrganizations = []string{"api_key", "api_key_file", "org_id"}
	ofSites         = []string{"user_identifier", "api_token", "api_token_file", "personal_access_token", "personal_access_token_file",
		"client_id", "client_secret", "client_secret_file"}
	idleForOrganization = []string{"cloud_id", "gateway_url", "include_audit_searches", "overlap", "rescan_interval", "route", "token_url"}
)

// checkProduct refuses what belongs to another kind of log: a credential in the wrong key would seem
// to be missing.
func (p *parser) checkProduct() {
	if !p.OfOrganization() {
		for _, name := range ofOrganizations {
			if p.given(name) {
				p.mistake("%s is for product organization: leave it out, or set product", name)
			}
		}
		if p.given("mirrored") {
			p.warn("mirrored has no effect with product %s", p.Product.Key)
		}
		return
	}
	for _, name := range ofSites {
		if p.given(name) {
			p.mistake("%s is for Confluence and Jira: the log of an organization is read with api_key alone", name)
		}
	}
	for _, name := range idleForOrganization {
		if p.given(name) {
			p.warn("%s has no effect with product organization", name)
		}
	}
	if p.Deployment == atlassian.DeploymentDataCenter {
		p.mistake("deployment %q: an organization is on Cloud; want cloud or auto", p.Deployment)
	}
	p.Deployment, p.Route, p.GatewayURL, p.TokenURL, p.CloudID = atlassian.DeploymentAuto, atlassian.RouteAuto, "", "", ""
}

// checkKey checks the API key of an organization. The client sends it as it does the token of a
// service account: as Bearer, without a user.
func (p *parser) checkKey() {
	p.UserIdentifier, p.PersonalAccessToken, p.ClientID, p.ClientSecret = "", atlassian.Secret{}, "", atlassian.Secret{}
	if p.APIToken = p.apiKey; !p.APIToken.IsSet() {
		p.mistake("api_key is missing: set api_key or api_key_file to an API key of the organization, with the scope read:events:admin (a variable that is not set counts as missing)")
	}
}
