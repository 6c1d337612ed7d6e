package simulate

import (
	"net/http"
	"strings"
)

// credential is the kind of credential in a request.
type credential string

const (
	credentialNone     credential = "none"
	credentialWrong    credential = "wrong" // unknown, expired, or a right secret with a wrong name
	credentialUnscoped credential = "unscoped-token"
	credentialScoped   credential = "scoped-token" // a user's or a service account's
	credentialAccess   credential = "oauth-access-token"
	credentialOther    credential = "other-product-token" // has the scopes of the other product
	credentialPassword credential = "password"
	credentialPAT      credential = "personal-access-token"
	credentialKey      credential = "api-key" // of an organization
	credentialWide     credential = "admin-key"
)

// identify returns the kind of credential in a request. Whether that may do what it asks for is
// checked elsewhere.
func (s *Simulator) identify(r *http.Request) credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	header := r.Header.Get("Authorization")
	if header == "" {
		return credentialNone
	}
	now, c := s.now(), s.creds
	bearer, isBearer := strings.CutPrefix(header, "Bearer ")
	if expires, known := s.issuer.end(bearer); isBearer && known {
		if now.Before(expires) {
			return credentialAccess
		}
		return credentialWrong
	}
	user, secret, _ := r.BasicAuth()
	cloud, other := s.options.Deployment == Cloud, s.options.other()
	switch {
	case !c.Expires.IsZero() && !now.Before(c.Expires):
		return credentialWrong
	case isBearer && s.isOrganization() && bearer == c.APIKey:
		return credentialKey
	case isBearer && s.isOrganization() && bearer == c.WideKey:
		return credentialWide
	case isBearer && !cloud && bearer == c.PersonalAccessToken:
		return credentialPAT
	case isBearer && cloud && bearer == c.ServiceToken:
		return credentialScoped
	case isBearer && cloud && bearer == other.serviceToken:
		return credentialOther
	case isBearer:
		return credentialWrong
	case !cloud && user == c.User && secret == c.Password:
		return credentialPassword
	case cloud && user == c.User && secret == c.Token:
		return credentialUnscoped
	case cloud && (user == c.User && secret == c.ScopedToken || user == c.ServiceUser && secret == c.ServiceToken):
		return credentialScoped
	case cloud && (user == c.User && secret == other.scopedToken || user == c.ServiceUser && secret == other.serviceToken):
		return credentialOther
	}
	return credentialWrong
}
