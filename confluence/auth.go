package confluence

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"unicode"
)

// authenticator makes the Authorization header of the configured credential.
type authenticator struct {
	opts   Options
	redact *redactor
	oauth  *tokenSource // nil without client credentials

	mu       sync.Mutex
	bearer   bool   // the API token is sent alone, though there is a user
	accepted string // header that has worked, without OAuth
}

func newAuthenticator(opts Options, c *conn) *authenticator {
	a := &authenticator{opts: opts, redact: c.redact}
	if !opts.PersonalAccessToken.IsSet() && opts.ClientID != "" {
		a.oauth = &tokenSource{client: c}
	}
	return a
}

// tokenAlone tells whether the credential is an API token without a user, as a
// service account has it.
func (a *authenticator) tokenAlone() bool {
	return a.oauth == nil && !a.opts.PersonalAccessToken.IsSet() && a.opts.UserIdentifier == ""
}

// atGatewayOnly tells whether the credential works at the gateway only.
func (a *authenticator) atGatewayOnly() bool { return a.oauth != nil || a.tokenAlone() }

// eitherWay tells whether the credential can be sent as Basic and as Bearer:
// Atlassian documents Basic for the API token of a service account, and has been
// seen to take it as Bearer only.
func (a *authenticator) eitherWay() bool {
	return a.oauth == nil && !a.opts.PersonalAccessToken.IsSet() && a.opts.UserIdentifier != ""
}

// sendBearer changes how a credential that can be sent either way is sent, and
// returns how it was.
func (a *authenticator) sendBearer(bearer bool) (before bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, a.bearer = a.bearer, bearer
	return before
}

func (a *authenticator) isBearer() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bearer
}

// name is how messages speak of the credential.
func (a *authenticator) name(d Deployment) string {
	switch {
	case a.opts.PersonalAccessToken.IsSet():
		return "personal access token"
	case a.oauth != nil:
		return "OAuth client"
	case a.tokenAlone():
		return "API token without user_identifier"
	case d == DeploymentDataCenter:
		return "user name and password"
	default:
		return "e-mail and API token"
	}
}

// refused says what to do about a wrong credential of this kind.
func (a *authenticator) refused(err *Error) *Error {
	switch {
	case a.opts.PersonalAccessToken.IsSet():
		return err.withRemedy(remedyPersonalAccessToken)
	case a.oauth != nil:
		return err.withRemedy(remedyOAuthClient)
	case a.tokenAlone():
		return err.withRemedy(remedyTokenAlone)
	}
	return err
}

// header returns the header. refused is the header that the server has just
// refused, if any: then files are read again and tokens renewed.
func (a *authenticator) header(ctx context.Context, refused string) (string, error) {
	if a.oauth != nil {
		token, err := a.oauth.token(ctx, strings.TrimPrefix(refused, "Bearer "))
		if err != nil {
			return "", err
		}
		a.redact.remember("", token)
		return "Bearer " + token, nil
	}
	if pat := a.opts.PersonalAccessToken; pat.IsSet() {
		return a.bearerHeader(pat, refused != "", "personal access token")
	}
	if a.tokenAlone() || a.isBearer() {
		return a.bearerHeader(a.opts.APIToken, refused != "", "API token")
	}
	value, err := a.reveal(a.opts.APIToken, refused != "")
	if err != nil {
		return "", err
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.opts.UserIdentifier+":"+value)), nil
}

func (a *authenticator) bearerHeader(s Secret, fresh bool, name string) (string, error) {
	value, err := a.reveal(s, fresh)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return "", a.refused(fail(CauseCredentials, nil, "the %s holds a line break or the like", name))
	}
	return "Bearer " + value, nil
}

func (a *authenticator) reveal(s Secret, fresh bool) (string, error) {
	reveal := s.Reveal
	if fresh {
		reveal = s.reread
	}
	value, err := reveal()
	if err != nil {
		return "", fail(CauseSecretFile, err, "%v", err)
	}
	a.redact.remember(a.opts.UserIdentifier, value)
	return value, nil
}

// looksLikePAT tells whether the password has the shape of a Data Center's
// personal access token: base64 of a number, a colon and 20 random bytes.
func (a *authenticator) looksLikePAT() bool {
	if !a.eitherWay() {
		return false
	}
	value, err := a.opts.APIToken.Reveal()
	if err != nil {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(value)
	number, _, found := strings.Cut(string(plain), ":")
	_, digits := parseDigits(number)
	return err == nil && found && digits && len(value) == 44
}

// accept remembers that the server took the credential, so that a later refusal
// is known to be an expiry.
func (a *authenticator) accept(header string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.oauth == nil {
		a.accepted = header
	}
}

func (a *authenticator) wasAccepted(header string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return header != "" && header == a.accepted
}
