package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

const (
	gatewayPrefix       = "/ex/confluence/"
	accessibleResources = "/oauth/token/accessible-resources"
	auditScope          = "read:audit-log:confluence"
)

func isGateway(path string) bool { return strings.HasPrefix(path, gatewayPrefix) }

func isAuth(path string) bool { return path == "/oauth/token" }

// gateway answers as api.atlassian.com: it accepts scoped tokens and access tokens only.
func (s *Simulator) gateway(c *call) *reply {
	cloudID, path, _ := strings.Cut(strings.TrimPrefix(c.URL.Path, gatewayPrefix), "/")
	switch {
	case c.credential != credentialScoped && c.credential != credentialAccess,
		c.faults.has(FaultBearerOnly) && !strings.HasPrefix(c.Header.Get("Authorization"), "Bearer "):
		return mismatch()
	case cloudID != s.options.CloudID:
		return message(http.StatusNotFound, "Not Found")
	}
	return s.cloudREST(c, "/"+path, s.base(nil)).with("Atl-Traceid", s.trace())
}

func mismatch() *reply {
	return message(http.StatusUnauthorized, "Unauthorized").with("X-Failure-Category", "FAILURE_CLIENT_AUTH_MISMATCH")
}

// authorize answers as auth.atlassian.com: it takes client credentials and returns an access token.
func (s *Simulator) authorize(c *call) *reply {
	if c.Method != http.MethodPost {
		return jsonReply(http.StatusMethodNotAllowed, `{"error":"invalid_request","error_description":"Method not allowed"}`)
	}
	grant, err := readGrant(c.Request)
	if err != nil {
		return jsonReply(http.StatusBadRequest, `{"error":"invalid_request","error_description":"Malformed body"}`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	expired := !s.creds.Expires.IsZero() && !c.now.Before(s.creds.Expires)
	switch {
	case grant.GrantType != "client_credentials":
		return jsonReply(http.StatusForbidden, `{"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}`)
	case expired || grant.ClientID != s.creds.ClientID || grant.ClientSecret != s.creds.ClientSecret:
		return jsonReply(http.StatusUnauthorized, `{"error":"access_denied","error_description":"Unauthorized"}`)
	}
	token := fmt.Sprintf("access-token-%d-%016x", len(s.tokens)+1, mix(s.options.Seed, saltToken, uint64(len(s.tokens))))
	s.tokens[token] = c.now.Add(s.options.TokenLife)
	return jsonReply(http.StatusOK, fmt.Sprintf(`{"access_token":"%s","scope":"%s","expires_in":%d,"token_type":"Bearer"}`,
		token, auditScope, int(s.options.TokenLife.Seconds()))).with("Cache-Control", "no-store")
}

type grant struct {
	GrantType    string `json:"grant_type"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// readGrant reads a token request from JSON or a form, with the client's id and secret from the
// body or from Basic.
func readGrant(r *http.Request) (grant, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return grant{}, err
	}
	var g grant
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		err = json.Unmarshal(body, &g)
	} else {
		var form url.Values
		form, err = url.ParseQuery(string(body))
		g = grant{form.Get("grant_type"), form.Get("client_id"), form.Get("client_secret")}
	}
	if id, secret, ok := r.BasicAuth(); ok && g.ClientID == "" {
		g.ClientID, g.ClientSecret = id, secret
	}
	return g, err
}

// resources lists the sites that an access token can reach.
func (s *Simulator) resources(c *call) *reply {
	if c.credential != credentialAccess {
		return message(http.StatusUnauthorized, "Unauthorized")
	}
	return jsonReply(http.StatusOK, fmt.Sprintf(`[{"id":%s,"url":%s,"name":"simulated","scopes":["%s"],"avatarUrl":""}]`,
		quote(s.options.CloudID), quote(s.base(c.Request)), auditScope))
}
