package atlassian

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"unicode"

	"fluent-bit-confluence/internal/redact"
)

// Credential makes the Authorization header from the configured credential.
type Credential struct {
	Options Options
	redact  *redact.Redactor
	OAuth   *tokenSource // nil without client credentials

	mu       sync.Mutex
	bearer   bool   // the API token is sent without its user, as Bearer
	accepted string // the header that was last accepted; not used with OAuth
}

func newCredential(opts Options, c *Client) *Credential {
	a := &Credential{Options: opts, redact: c.redact}
	if !opts.PersonalAccessToken.IsSet() && opts.ClientID != "" {
		a.OAuth = &tokenSource{client: c}
	}
	return a
}

// TokenAlone reports whether the credential is an API token without a user, as service accounts
// have.
func (a *Credential) TokenAlone() bool {
	return a.OAuth == nil && !a.Options.PersonalAccessToken.IsSet() && a.Options.UserIdentifier == ""
}

// AtGatewayOnly reports whether the credential works at the gateway only.
func (a *Credential) AtGatewayOnly() bool { return a.OAuth != nil || a.TokenAlone() }

// EitherWay reports whether the credential can be sent as Basic and as Bearer. Atlassian documents
// Basic for the API token of a service account, but has been seen to accept it as Bearer only.
func (a *Credential) EitherWay() bool {
	return a.OAuth == nil && !a.Options.PersonalAccessToken.IsSet() && a.Options.UserIdentifier != ""
}

// SendBearer sets how a credential is sent that can be sent either way, and returns the setting
// before.
func (a *Credential) SendBearer(bearer bool) (before bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, a.bearer = a.bearer, bearer
	return before
}

// IsBearer reports whether the API token is sent as Bearer, without its user.
func (a *Credential) IsBearer() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bearer
}

// Name returns how messages name the credential.
func (a *Credential) Name(d Deployment) string {
	switch {
	case a.Options.PersonalAccessToken.IsSet():
		return "personal access token"
	case a.OAuth != nil:
		return "OAuth client"
	case a.TokenAlone():
		return "API token without user_identifier"
	case d == DeploymentDataCenter:
		return "user name and password"
	default:
		return "e-mail and API token"
	}
}

// Refused sets the remedy of a refusal for this kind of credential.
func (a *Credential) Refused(err *Error) *Error {
	switch {
	case a.Options.PersonalAccessToken.IsSet():
		return err.WithRemedy(remedyPersonalAccessToken)
	case a.OAuth != nil:
		return err.WithRemedy(remedyOAuthClient)
	case a.TokenAlone():
		return err.WithRemedy(remedyTokenAlone)
	}
	return err
}

// Header returns the header. If the server has just refused a header, refused is that one: then
// files are read again and tokens renewed.
func (a *Credential) Header(ctx context.Context, refused string) (string, error) {
	if a.OAuth != nil {
		token, err := a.OAuth.token(ctx, strings.TrimPrefix(refused, "Bearer "))
		if err != nil {
			return "", err
		}
		a.redact.Remember("", token)
		return "Bearer " + token, nil
	}
	if pat := a.Options.PersonalAccessToken; pat.IsSet() {
		return a.bearerHeader(pat, refused != "", "personal access token")
	}
	if a.TokenAlone() || a.IsBearer() {
		return a.bearerHeader(a.Options.APIToken, refused != "", "API token")
	}
	value, err := a.reveal(a.Options.APIToken, refused != "")
	if err != nil {
		return "", err
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.Options.UserIdentifier+":"+value)), nil
}

func (a *Credential) bearerHeader(s Secret, fresh bool, name string) (string, error) {
	value, err := a.reveal(s, fresh)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return "", a.Refused(Fail(CauseCredentials, nil, "the %s holds a line break or the like", name))
	}
	return "Bearer " + value, nil
}

func (a *Credential) reveal(s Secret, fresh bool) (string, error) {
	reveal := s.Reveal
	if fresh {
		reveal = s.reread
	}
	value, err := reveal()
	if err != nil {
		return "", Fail(CauseSecretFile, err, "%v", err)
	}
	a.redact.Remember(a.Options.UserIdentifier, value)
	return value, nil
}

// LooksLikePAT reports whether the password has the form of a personal access token of Data Center:
// base64 of a number, a colon and 20 random bytes.
func (a *Credential) LooksLikePAT() bool {
	if !a.EitherWay() {
		return false
	}
	value, err := a.Options.APIToken.Reveal()
	if err != nil {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(value)
	number, _, found := strings.Cut(string(plain), ":")
	_, digits := ParseDigits(number)
	return err == nil && found && digits && len(value) == 44
}

// Accept notes that the server accepted the header, so that a later refusal is known to be an
// expiry.
func (a *Credential) Accept(header string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.OAuth == nil {
		a.accepted = header
	}
}

// WasAccepted reports whether the server has accepted the header before.
func (a *Credential) WasAccepted(header string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return header != "" && header == a.accepted
}
