package atlassian

import (
	"errors"
)

// BothRefused makes one error of two refusals, and returns which of them comes first. That the
// other route knows nothing of a credential is to be expected, and not worth a word beside a
// refusal that proves the credential; where both may be the true one both are said, the likelier
// first.
func BothRefused(siteErr, gatewayErr error) (first, both error) {
	var site, gateway *Error
	if !errors.As(siteErr, &site) || !errors.As(gatewayErr, &gateway) {
		return gatewayErr, gatewayErr
	}
	unknown := func(e *Error) bool { return e.Cause.About() == StepCredential }
	switch {
	case gateway.Status == 0:
		// Many networks let nothing through but the site: its reason stands.
		e := *site
		e.Message += "; the gateway, where tokens with scopes work, could not be asked: " + gateway.Message
		e.Remedy += "; if the token has scopes, let this machine reach the gateway"
		e.Err, e.Also = gateway, gateway
		return siteErr, &e
	case gateway.Temporary(): // it may be the right one
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

// Proves tells whether only somebody who has accepted the credential says so.
func (e *Error) Proves() bool { return e.knows || e.Cause.Proves() }

// and is the error with another one that may be the true one.
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

// GatewayUnasked is why the gateway gave no answer, nil if it gave one or was not asked.
func GatewayUnasked(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e.Also != nil && e.Also.Status == 0 {
		return e.Also
	}
	return nil
}
