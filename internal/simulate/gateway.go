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

const accessibleResources = "/oauth/token/accessible-resources"

// isGateway returns whether a path is the gateway's: /ex/{product}/{cloud id}/...
func isGateway(path string) bool { return strings.HasPrefix(path, "/ex/") }

func isAuth(path string) bool { return path == "/oauth/token" }

// gateway answers as api.atlassian.com: it accepts scoped tokens and access tokens only.
func (s *Simulator) gateway(c *call) *reply {
	rest, ours := strings.CutPrefix(c.URL.Path, "/ex/"+s.options.Product+"/")
	cloudID, path, _ := strings.Cut(rest, "/")
	switch {
	case !ours:
		return message(http.StatusNotFound, "Not Found")
	case c.credential == credentialOther:
		return scopeMismatch()
	case c.credential != credentialScoped && c.credential != credentialAccess,
		c.faults.has(FaultBearerOnly) && !strings.HasPrefix(c.Header.Get("Authorization"), "Bearer "):
		return mismatch()
	case cloudID != s.options.CloudID:
		return message(http.StatusNotFound, "Not Found")
	}
	return s.cloudREST(c, "/"+path, s.base(nil)).with("Atl-Traceid", s.trace())
}

func scopeMismatch() *reply {
	return message(http.StatusUnauthorized, "Unauthorized; scope does not match").with("X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")
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
	creds := s.creds
	s.mu.Unlock()
	expired := !creds.Expires.IsZero() && !c.now.Before(creds.Expires)
	switch {
	case grant.GrantType != "client_credentials":
		return jsonReply(http.StatusForbidden, `{"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}`)
	case expired || grant.ClientID != creds.ClientID || grant.ClientSecret != creds.ClientSecret:
		return jsonReply(http.StatusUnauthorized, `{"error":"access_denied","error_description":"Unauthorized"}`)
	}
	token := s.issuer.issue(s.options.Seed, c.now.Add(s.options.TokenLife))
	return jsonReply(http.StatusOK, fmt.Sprintf(`{"access_token":"%s","scope":"%s","expires_in":%d,"token_type":"Bearer"}`,
		token, s.issuer.scope(), int(s.options.TokenLife.Seconds()))).with("Cache-Control", "no-store")
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

// resources lists the products of sites that an access token can reach.
func (s *Simulator) resources(c *call) *reply {
	if c.credential != credentialAccess {
		return message(http.StatusUnauthorized, "Unauthorized")
	}
	var sites []string
	for _, p := range s.issuer.products {
		sites = append(sites, fmt.Sprintf(`{"id":%s,"url":%s,"name":"simulated","scopes":%s,"avatarUrl":""}`,
			quote(s.options.CloudID), quote(s.base(c.Request)), mustJSON(p.scopes)))
	}
	return jsonReply(http.StatusOK, "["+strings.Join(sites, ",")+"]")
}
