package config

import (
	"regexp"

	"fluent-bit-confluence/internal/atlassian"
)

var email = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)

// checkCredentials checks that exactly one credential is set, and that it is complete.
func (p *parser) checkCredentials() {
	for _, name := range []string{"api_key", "api_token", "personal_access_token", "client_secret"} {
		if p.given(name) && p.given(name+"_file") {
			p.mistake("%s and %s_file are both set: keep one", name, name)
		}
	}
	pat := p.given("personal_access_token") || p.given("personal_access_token_file")
	token := p.given("api_token") || p.given("api_token_file")
	secret := p.given("client_secret") || p.given("client_secret_file")
	user, id := p.given("user_identifier"), p.given("client_id")
	switch {
	case p.OfOrganization():
		p.checkKey()
	case pat:
		p.checkPersonalAccessToken()
	case (id || secret) && token:
		p.mistake("client_id and api_token are both set: keep client_id and client_secret of a service account, or user_identifier and api_token")
	case id || secret:
		p.checkOAuth(id, secret)
	case token && !user && p.Deployment == atlassian.DeploymentDataCenter:
		p.mistake("user_identifier is missing: api_token is the password of that user; a personal access token belongs into personal_access_token")
	case token && !user && (!p.onCloud() && p.Deployment != atlassian.DeploymentCloud || p.Route == atlassian.RouteSite):
		p.mistake("user_identifier is missing: api_token needs the e-mail address of its Atlassian account")
	case token && !user:
		p.warn("user_identifier is not set: api_token is taken for that of a service account, any other needs the e-mail address of its account (a variable that is not set counts as missing)")
	case user && !token:
		p.mistake("api_token is missing: user_identifier needs api_token or api_token_file (a variable that is not set counts as missing)")
	case !token:
		p.mistake("no credential is set: want user_identifier and api_token (Cloud), personal_access_token (Data Center), or client_id and client_secret (service account); a variable that is not set counts as missing")
	default:
		p.checkUser()
	}
	if !p.TokenExpires.IsZero() && p.TokenExpires.Before(p.now) {
		p.warn("token_expires %s is in the past: make a new token and set its date", p.TokenExpires.Format("2006-01-02"))
	}
}

func (p *parser) checkPersonalAccessToken() {
	if p.onCloud() || p.Deployment == atlassian.DeploymentCloud {
		p.mistake("personal_access_token is for Data Center: on Cloud set user_identifier and api_token, or client_id and client_secret")
	}
	for _, name := range []string{"user_identifier", "api_token", "api_token_file", "client_id", "client_secret", "client_secret_file"} {
		if p.given(name) {
			p.warn("%s is ignored: personal_access_token is set", name)
		}
	}
	p.UserIdentifier, p.APIToken = "", atlassian.Secret{}
	p.ClientID, p.ClientSecret = "", atlassian.Secret{}
}

func (p *parser) checkOAuth(id, secret bool) {
	switch {
	case !secret:
		p.mistake("client_secret is missing: client_id needs client_secret or client_secret_file")
	case !id:
		p.mistake("client_id is missing: client_secret belongs to one")
	}
	if p.given("user_identifier") {
		p.warn("user_identifier is ignored: client_id is set")
		p.UserIdentifier = ""
	}
	if p.Deployment == atlassian.DeploymentDataCenter {
		p.mistake("client_id is for Cloud: on Data Center set personal_access_token, or user_identifier and api_token")
	}
	if p.Route == atlassian.RouteSite {
		p.mistake("route %q: client_id and client_secret work at the gateway only; want gateway or auto", p.Route)
	}
}

func (p *parser) checkUser() {
	if p.UserIdentifier == "" {
		return // refused already
	}
	if (p.onCloud() || p.Deployment == atlassian.DeploymentCloud) && !email.MatchString(p.UserIdentifier) {
		key, _ := lookup("user_identifier")
		p.mistake("user_identifier %s: want the e-mail address of the Atlassian account, such as jane@example.com", key.show(p.UserIdentifier))
	}
}
