package atlassian

import (
	"errors"
)

// BothRefused makes one error of the refusals of both routes, and returns which of them comes
// first. If one refusal proves that its route accepted the credential, the other is left out: a
// credential often works on one route only. If either may be the real cause, both are named, the
// likelier first.
func BothRefused(siteErr, gatewayErr error) (first, both error) {
	var site, gateway *Error
	if !errors.As(siteErr, &site) || !errors.As(gatewayErr, &gateway) {
		return gatewayErr, gatewayErr
	}
	unknown := func(e *Error) bool { return e.Cause.About() == StepCredential }
	switch {
	case gateway.Status == 0:
		// Many networks allow the site only: the site's refusal is kept.
		e := *site
		e.Message += "; the gateway, where tokens with scopes work, could not be asked: " + gateway.Message
		e.Remedy += "; if the token has scopes, let this machine reach the gateway"
		e.Err, e.Also = gateway, gateway
		return siteErr, &e
	case gateway.Temporary(): // the gateway may be the right route
		e := *gateway
		e.Message += "; before that, " + site.Message
		e.Also = site
		return gatewayErr, &e
	case unknown(site) && gateway.Proves():
		return gatewayErr, gateway
	case unknown(gateway) && (site.Proves() || unknown(site)), gateway.Cause == site.Cause:
		e := *site
		e.Also = gateway
		return siteErr, &e
	case unknown(site), gateway.Proves() && !site.knows:
		return gatewayErr, gateway.and(site)
	}
	return siteErr, site.and(gateway)
}

// Proves reports whether a server sends this refusal only after it has accepted the credential.
func (e *Error) Proves() bool { return e.knows || e.Cause.Proves() }

// and returns e with another error that may be the real cause.
func (e *Error) and(other *Error) *Error {
	both := *e
	both.Also = other
	both.Message += "; and " + other.Message
	if other.Said != "" {
		both.Message += ` ("` + other.Said + `")`
	}
	both.Remedy += "; if that is not it: " + other.Remedy
	return &both
}

// GatewayUnasked returns why the gateway gave no answer, nil if it gave one or was not asked.
func GatewayUnasked(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e.Also != nil && e.Also.Status == 0 {
		return e.Also
	}
	return nil
}
