package confluence

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// authenticator makes the Authorization header of the configured credential.
type authenticator struct {
	opts  Options
	oauth *tokenSource // nil without client credentials

	mu       sync.Mutex
	accepted string   // header that has worked, without OAuth
	secrets  []string // the latest values, to keep them out of messages
}

// maxSecrets is how many values are remembered; OAuth makes a new one each hour.
const maxSecrets = 16

func newAuthenticator(opts Options, c *Client) *authenticator {
	a := &authenticator{opts: opts}
	if !opts.PersonalAccessToken.IsSet() && opts.ClientID != "" {
		a.oauth = &tokenSource{client: c}
	}
	return a
}

// name is how messages speak of the credential.
func (a *authenticator) name(d Deployment) string {
	switch {
	case a.opts.PersonalAccessToken.IsSet():
		return "personal access token"
	case a.oauth != nil:
		return "OAuth client"
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
		return "Bearer " + a.remember(token), nil
	}
	if pat := a.opts.PersonalAccessToken; pat.IsSet() {
		value, err := a.reveal(pat, refused != "")
		if err != nil {
			return "", err
		}
		if strings.ContainsFunc(value, unicode.IsControl) {
			return "", a.refused(fail(CauseCredentials, nil, "the personal access token holds a line break or the like"))
		}
		return "Bearer " + value, nil
	}
	value, err := a.reveal(a.opts.APIToken, refused != "")
	if err != nil {
		return "", err
	}
	pair := base64.StdEncoding.EncodeToString([]byte(a.opts.UserIdentifier + ":" + value))
	return "Basic " + a.remember(pair), nil
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
	return a.remember(value), nil
}

// remember keeps a secret so that scrub can find it.
func (a *authenticator) remember(secret string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if secret != "" && !slices.Contains(a.secrets, secret) {
		a.secrets = append(a.secrets, secret)
		a.secrets = a.secrets[max(0, len(a.secrets)-maxSecrets):]
	}
	return secret
}

// scrub takes our secrets out of text that a server or proxy sent: some echo
// the request.
func (a *authenticator) scrub(text string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, secret := range a.secrets {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
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
