package confluence

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"
)

// A server that echoes the request wherever it can must not bring a secret into
// any message, and no other host may ever be sent one.
func TestSecretsDoNotLeak(t *testing.T) {
	t.Parallel()
	secrets := []string{"b4sic-token", "p4t-token", "cl1ent-secret", "pr0xy-password", "4ccess-token"}
	credentials := map[string]Options{
		"basic": {UserIdentifier: testUser, APIToken: NewSecret("b4sic-token")},
		"pat":   {PersonalAccessToken: NewSecret("p4t-token")},
		"oauth": {ClientID: "id", ClientSecret: NewSecret("cl1ent-secret"), TokenURL: "http://auth.atlassian.com/oauth/token"},
	}
	echoes := map[string]func(w http.ResponseWriter, r *http.Request, secret string){
		"body 200": func(w http.ResponseWriter, r *http.Request, secret string) {
			fmt.Fprintf(w, `{"headers":{"a":%q}}`, secret)
		},
		"html 200": func(w http.ResponseWriter, r *http.Request, secret string) { fmt.Fprintf(w, "<html>%s</html>", secret) },
		"body 401": func(w http.ResponseWriter, r *http.Request, secret string) { reply(401, secret)(w, r) },
		"body 403": func(w http.ResponseWriter, r *http.Request, secret string) { reply(403, secret)(w, r) },
		"body 500": func(w http.ResponseWriter, r *http.Request, secret string) { reply(500, secret)(w, r) },
		"trace": func(w http.ResponseWriter, r *http.Request, secret string) {
			reply(500, "", "Atl-Traceid", secret)(w, r)
		},
		"login": func(w http.ResponseWriter, r *http.Request, secret string) {
			reply(200, emptyPage, "X-Seraph-LoginReason", secret)(w, r)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request, secret string) {
			reply(302, "", "Location", "http://evil.example/"+url.PathEscape(secret)+"?"+url.QueryEscape(secret))(w, r)
		},
		"bad redirect": func(w http.ResponseWriter, r *http.Request, secret string) {
			reply(302, "", "Location", "http://["+secret)(w, r)
		},
		"bad header": func(w http.ResponseWriter, r *http.Request, secret string) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", secret)
			_ = conn.Close()
		},
		"user name": func(w http.ResponseWriter, r *http.Request, secret string) {
			fmt.Fprintf(w, `{"type":"known","username":%q,"entities":[],"results":[],"pagingInfo":{"lastPage":true}}`, secret)
		},
	}
	for name, credential := range credentials {
		for kind, echo := range echoes {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				credential := credential
				var mu sync.Mutex
				var out bytes.Buffer // all that was written
				note := func(format string, args ...any) {
					mu.Lock()
					defer mu.Unlock()
					fmt.Fprintf(&out, format+"\n", args...)
				}
				logger := logrus.New()
				logger.SetLevel(logrus.TraceLevel)
				logger.SetOutput(&out)
				credential.APIURL, credential.Log = "http://wiki.example.com", logger
				if credential.ClientID != "" {
					credential.CloudID = testCloudID
				}
				c := scenario{opts: credential, handler: func(w http.ResponseWriter, r *http.Request) {
					switch r.Host {
					case "wiki.example.com", "api.atlassian.com":
					case "auth.atlassian.com":
						_ = r.ParseForm()
						fmt.Fprint(w, `{"access_token":"4ccess-token","expires_in":3600}`)
						return
					default:
						t.Errorf("request to %s with %q", r.Host, r.Header.Get("Authorization"))
					}
					secret := r.Header.Get("Authorization")
					if _, password, ok := r.BasicAuth(); ok {
						secret += " " + password
					}
					echo(w, r, secret)
				}}.start(t)
				_, err := c.Connect(t.Context())
				for err := err; err != nil; err = errors.Unwrap(err) {
					note("%v %+v", err, err)
				}
				if err := read(t.Context(), c); err != nil {
					note("%v", err)
				}
				c.Check(t.Context(), func(s Step) {
					encoded, _ := json.Marshal(s)
					note("%+v %s", s, encoded)
					if s.Err != nil {
						encoded, _ = json.Marshal(s.Err)
						note("%v %s", s.Err, encoded)
					}
				})
				note("%+v", c.Site())
				mu.Lock()
				defer mu.Unlock()
				text := out.String()
				for _, secret := range append(secrets, base64.StdEncoding.EncodeToString([]byte(testUser+":b4sic-token"))) {
					if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
						t.Errorf("%q is in:\n%s", secret, text)
					}
				}
			})
		}
	}
}
