package site_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// tokenServer is a token endpoint and a gateway that accepts its newest token.
type tokenServer struct {
	mu       sync.Mutex
	secret   string // the only one accepted
	jsonOnly bool
	lifetime string // expires_in as JSON, empty for none
	issued   int
	revoked  bool // tokens issued so far are refused
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/oauth/token" {
		if s.revoked || r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", s.issued) {
			mismatch(w, r)
			return
		}
		fmt.Fprint(w, emptyPage)
		return
	}
	var got map[string]string
	if r.Header.Get("Content-Type") == "application/json" {
		_ = json.NewDecoder(r.Body).Decode(&got)
	} else if !s.jsonOnly {
		_ = r.ParseForm()
		got = map[string]string{"grant_type": r.PostForm.Get("grant_type"), "client_id": r.PostForm.Get("client_id"), "client_secret": r.PostForm.Get("client_secret")}
	}
	switch {
	case got["grant_type"] != "client_credentials":
		reply(400, `{"error":"unsupported_grant_type"}`)(w, r)
	case got["client_id"] != "the id" || got["client_secret"] != s.secret:
		reply(401, `{"error":"invalid_client"}`)(w, r)
	default:
		s.issued++
		s.revoked = false
		expires := ""
		if s.lifetime != "" {
			expires = `,"expires_in":` + s.lifetime
		}
		fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer"%s}`, s.issued, expires)
	}
}

func (s *tokenServer) start(t *testing.T, secret atlassian.Secret) *Client {
	t.Helper()
	return scenario{handler: s.ServeHTTP, Options: atlassian.Options{
		APIURL: "http://api.atlassian.com/ex/confluence/" + testCloudID, ClientID: "the id", ClientSecret: secret,
		TokenURL: "http://auth.atlassian.com/oauth/token",
	}}.start(t)
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	s := &tokenServer{secret: `s&"cret`, lifetime: "3600"}
	c := s.start(t, atlassian.NewSecret(`s&"cret`))
	for range 3 {
		if err := read(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if s.issued != 1 {
		t.Errorf("%d tokens fetched for three reads", s.issued)
	}
	// A token that is revoked early is renewed once, within the same read.
	s.mu.Lock()
	s.revoked = true
	s.mu.Unlock()
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if s.issued != 2 {
		t.Errorf("%d tokens, want 2", s.issued)
	}
}

func TestOAuthWantsJSON(t *testing.T) {
	t.Parallel()
	s := &tokenServer{secret: `s&"cret`, jsonOnly: true}
	if err := read(t.Context(), s.start(t, atlassian.NewSecret(`s&"cret`))); err != nil {
		t.Error(err)
	}
}

func TestOAuthRefused(t *testing.T) {
	t.Parallel()
	s := &tokenServer{secret: "right", lifetime: "3600"}
	err := read(t.Context(), s.start(t, atlassian.NewSecret("wrong")))
	if atlassian.CauseOf(err) != atlassian.CauseCredentials || !strings.Contains(err.Error(), "auth.atlassian.com refused the client id and secret: check client_id and client_secret") {
		t.Errorf("error %v", err)
	}

	c := s.start(t, atlassian.NewSecret("right"))
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.secret, s.revoked = "another", true
	s.mu.Unlock()
	if err := read(t.Context(), c); atlassian.CauseOf(err) != atlassian.CauseExpired {
		t.Errorf("error %v, want cause expired", err)
	}
}

func TestOAuthNoToken(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"html": "<html>", "no token": `{"token_type":"Bearer"}`, "other type": `{"access_token":[1]}`} {
		c := scenario{handler: reply(200, body), Options: atlassian.Options{APIURL: "http://api.atlassian.com/ex/confluence/x",
			ClientID: "id", ClientSecret: atlassian.NewSecret("x"), TokenURL: "http://auth.atlassian.com/oauth/token"}}.start(t)
		if err := read(t.Context(), c); atlassian.CauseOf(err) != atlassian.CauseWrongAddress {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A new token would have the same scopes.
func TestOAuthScope(t *testing.T) {
	t.Parallel()
	issued := 0
	c := scenario{handler: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			issued++
			fmt.Fprintf(w, `{"access_token":"token-%d"}`, issued)
			return
		}
		reply(401, "", "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")(w, r)
	}, Options: atlassian.Options{APIURL: "http://api.atlassian.com/ex/confluence/x", ClientID: "id", ClientSecret: atlassian.NewSecret("x"),
		TokenURL: "http://auth.atlassian.com/oauth/token"}}.start(t)
	if err := read(t.Context(), c); atlassian.CauseOf(err) != atlassian.CauseScope || issued != 1 {
		t.Errorf("%d tokens, error %v", issued, err)
	}
}

// The client secret goes to the token URL, and no redirect takes it further.
func TestOAuthRedirect(t *testing.T) {
	t.Parallel()
	c := scenario{handler: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/oauth/token" {
			t.Errorf("sent on to %s", r.URL.Path)
		}
		reply(307, "", "Location", "/elsewhere")(w, r)
	}, Options: atlassian.Options{APIURL: "http://api.atlassian.com/ex/confluence/x", ClientID: "id", ClientSecret: atlassian.NewSecret("x"),
		TokenURL: "http://auth.atlassian.com/oauth/token"}}.start(t)
	if err := read(t.Context(), c); atlassian.CauseOf(err) != atlassian.CauseRedirect {
		t.Errorf("error %v, want cause redirect", err)
	}
}

// A token is not used in the last minutes of its life.
func TestOAuthExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{secret: "x", lifetime: "3600"}
		c, err := atlassian.New(atlassian.Options{APIURL: "https://api.atlassian.com/ex/confluence/x", ClientID: "the id", ClientSecret: atlassian.NewSecret("x"), Transport: simulate.InMemory(s)})
		if err != nil {
			t.Fatal(err)
		}
		token := func() string {
			header, err := c.Auth.Header(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			return header
		}
		if got := token(); got != "Bearer token-1" {
			t.Errorf("first %q", got)
		}
		time.Sleep(time.Hour - 2*time.Minute - time.Second)
		if got := token(); got != "Bearer token-1" {
			t.Errorf("before the margin %q", got)
		}
		time.Sleep(2 * time.Second)
		if got := token(); got != "Bearer token-2" {
			t.Errorf("within the margin %q", got)
		}
	})
}
