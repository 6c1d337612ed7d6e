package atlassian

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// expiryMargin is how long before its expiry a token is no longer used, so that it does not
	// expire on the way.
	expiryMargin = 2 * time.Minute

	// defaultLifetime is the lifetime of a token that does not state one. Atlassian's tokens live
	// 60 minutes.
	defaultLifetime = 10 * time.Minute
)

// tokenSource fetches and keeps the access token of OAuth 2.0 client credentials (RFC 6749, 4.4).
type tokenSource struct {
	client *Client

	mu       sync.Mutex
	current  string
	end      time.Time // from then on current is not used
	accepted string    // last client secret that was accepted
}

// token returns a token other than refused. It keeps the token until shortly before its expiry.
func (s *tokenSource) token(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != "" && s.current != refused && time.Now().Before(s.end) {
		return s.current, nil
	}
	if s.client.Options.TokenURL == "" {
		return "", s.client.UnknownCloud()
	}
	s.current = ""
	auth := s.client.Auth
	secret, err := auth.reveal(s.client.Options.ClientSecret, refused != "")
	if err != nil {
		return "", err
	}
	a, err := s.request(ctx, secret)
	if err != nil {
		return "", err
	}
	if a.Status == http.StatusBadRequest || a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden {
		fresh, err := auth.reveal(s.client.Options.ClientSecret, true)
		if err != nil {
			return "", err
		}
		if fresh != secret {
			secret = fresh
			if a, err = s.request(ctx, secret); err != nil {
				return "", err
			}
		}
	}
	if err := s.judge(a, secret); err != nil {
		return "", err
	}
	s.accepted = secret
	if err := s.read(a); err != nil {
		return "", err
	}
	return s.current, nil
}

// request asks for a token with a form, as in the RFC. If the server does not understand that, it
// asks again with JSON, as in Atlassian's examples.
func (s *tokenSource) request(ctx context.Context, secret string) (*Answer, error) {
	id := s.client.Options.ClientID
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	a, err := s.post(ctx, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil || (a.Status != http.StatusBadRequest && a.Status != http.StatusUnsupportedMediaType) || oauthError(a) == "invalid_client" {
		return a, err
	}
	quote := func(text string) string {
		quoted, _ := jsontext.AppendQuote(nil, text)
		return string(quoted)
	}
	body := fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%s,"client_secret":%s}`, quote(id), quote(secret))
	return s.post(ctx, "application/json", []byte(body))
}

func (s *tokenSource) post(ctx context.Context, contentType string, body []byte) (*Answer, error) {
	// No redirect is followed: it would take the secret along.
	ctx = context.WithValue(ctx, noRedirects{}, true)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.client.Options.TokenURL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("build token request: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	return s.client.exchange(req, nil)
}

func (s *tokenSource) judge(a *Answer, secret string) error {
	host := a.URL.Host
	switch {
	case a.Status == http.StatusOK:
		return nil
	case a.Status == http.StatusBadRequest, a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		if s.accepted == secret {
			return s.client.Refused(a, CauseExpired, "%s refuses the client id and secret, which it accepted before", host)
		}
		return s.client.Auth.Refused(s.client.Refused(a, CauseCredentials, "%s refused the client id and secret", host))
	case a.Status == http.StatusNotFound:
		return s.client.Refused(a, CauseWrongAddress, "%s has no token endpoint at %s", host, a.URL.Path).WithRemedy("check token_url")
	}
	return s.client.JudgeCommon(a)
}

// read takes the token from the answer.
func (s *tokenSource) read(a *Answer) error {
	lifetime := defaultLifetime
	err := EachMember(a.Body, func(name string, value jsontext.Value) {
		switch name {
		case "access_token":
			if text, err := jsontext.AppendUnquote(nil, value); err == nil {
				s.current = string(text)
			}
		case "expires_in":
			if seconds, ok := ParseDigits(strings.Trim(string(value), `"`)); ok && seconds > 0 {
				lifetime = time.Duration(min(seconds, 24*60*60)) * time.Second
			}
		}
	})
	if err != nil {
		s.current = ""
	}
	if s.current == "" {
		return s.client.Refused(a, CauseWrongAddress, "%s gives no access token", a.URL.Host).
			WithRemedy("check token_url")
	}
	s.end = time.Now().Add(lifetime - min(expiryMargin, lifetime/2))
	return nil
}

// oauthError returns the error code of RFC 6749, 5.2.
func oauthError(a *Answer) string {
	var code string
	_ = EachMember(a.Body, func(name string, value jsontext.Value) {
		if name == "error" {
			text, _ := jsontext.AppendUnquote(nil, value)
			code = string(text)
		}
	})
	return code
}
