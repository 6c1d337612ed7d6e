package site_test

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/redact"
	"fluent-bit-confluence/internal/redact/leak"

	"github.com/sirupsen/logrus"
)

// A server that echoes the request, in any place and spelling, must not bring twelve characters of
// a secret into any output, and no other host may get a request. The proxy also echoes its own
// password.
func TestSecretsDoNotLeak(t *testing.T) {
	t.Parallel()
	credentials := map[string]atlassian.Options{
		"basic": {UserIdentifier: testUser, APIToken: atlassian.NewSecret(leak.LongToken)},
		"pat":   {PersonalAccessToken: atlassian.NewSecret(leak.PatPhrase)},
		"oauth": {ClientID: "id", ClientSecret: atlassian.NewSecret(leak.ClientPhrase), TokenURL: "http://auth.atlassian.com/oauth/token"},
		"alone": {APIToken: atlassian.NewSecret(leak.LongToken), Deployment: atlassian.DeploymentCloud},
	}
	// Every place is tried with every credential and some spellings. TestRedactSpellings tries
	// every spelling. The cases mostly wait, so many run in parallel.
	each := 12
	if testing.Short() {
		each = 4
	}
	kinds, names, spelled := 0, slices.Sorted(maps.Keys(credentials)), slices.Sorted(maps.Keys(leak.Spellings))
	var wg sync.WaitGroup
	turns := make(chan struct{}, 200)
	for _, place := range slices.Sorted(maps.Keys(places)) {
		for range each {
			spelling, credential := spelled[kinds%len(spelled)], names[kinds%7%len(names)]
			kinds++
			turns <- struct{}{}
			wg.Go(func() {
				defer func() { <-turns }()
				written := echoed(t, credentials[credential], func(w http.ResponseWriter, r *http.Request, secret string) {
					places[place](w, r, spell(spelling, secret))
				})
				if found := leak.Find(written, leak.LongToken, leak.PatPhrase, leak.ClientPhrase, leak.AccessPhrase, leak.ProxyPhrase); found != "" {
					t.Errorf("%s, %s, %s: %q is in:\n%s", place, spelling, credential, found, written)
				}
			})
		}
	}
	wg.Wait()
	if kinds < 25*each {
		t.Errorf("%d kinds of echo, want %d", kinds, 25*each)
	}
}

// spell writes what may be shorter than a secret, and is then no secret.
func spell(spelling, text string) string {
	if len(text) < 2*redact.Run {
		return text
	}
	return leak.Spellings[spelling](text)
}

// echoed returns everything that a client writes, at level trace, while every answer echoes the
// request.
func echoed(t *testing.T, o atlassian.Options, echo func(w http.ResponseWriter, r *http.Request, secret string)) string {
	t.Helper()
	var mu sync.Mutex
	var out bytes.Buffer
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(&out, format+"\n", args...)
	}
	logger := logrus.New()
	logger.SetLevel(logrus.TraceLevel)
	logger.SetOutput(&out)
	o.APIURL, o.Log, o.Announced = "http://wiki.example.com", logger, func(message string) { note("%s", message) }
	if o.ClientID != "" || o.Deployment == atlassian.DeploymentCloud {
		o.CloudID = testCloudID
	}
	tokens := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		tokens++
		first := tokens == 1
		mu.Unlock()
		switch r.Host {
		case "wiki.example.com", "api.atlassian.com":
		case "auth.atlassian.com":
			body, _ := readGrantBody(r)
			if first {
				fmt.Fprintf(w, `{"access_token":%q,"expires_in":3600}`, leak.AccessPhrase)
				return
			}
			echo(w, r, body)
			return
		default:
			t.Errorf("request to %s with %q", r.Host, r.Header.Get("Authorization"))
		}
		sent := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "), "Bearer ")
		if _, password, ok := r.BasicAuth(); ok && r.URL.Query().Get("limit") != "1" {
			sent = password
		}
		if strings.HasSuffix(r.URL.Path, "/tenant_info") || sent == "" {
			sent = strings.TrimPrefix(r.Header.Get("Proxy-Authorization"), "Basic ")
		}
		echo(w, r, sent)
	}))
	defer proxy.Close()
	o.Proxy = strings.Replace(proxy.URL, "http://", "http://"+url.UserPassword(testUser, leak.ProxyPhrase).String()+"@", 1)
	o.AllowHTTP, o.GatewayURL = true, "http://api.atlassian.com"
	c := newClient(t, o)

	for _, ask := range []func() error{
		func() error { return read(t.Context(), c) },
		func() error { _, err := c.Retention(t.Context()); return err },
	} {
		for err := ask(); err != nil; err = errors.Unwrap(err) {
			note("%v %+v", err, err)
			encoded, _ := json.Marshal(err)
			note("%s", encoded)
		}
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
	return out.String()
}

// A proxy can echo before there is a connection, and so can a certificate.
func TestSecretsDoNotLeakOnTheWay(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	defer wg.Wait()
	for spelling, spell := range leak.Spellings {
		echo := strings.Map(headerChar, spell(leak.ProxyPhrase)+" "+spell(base64.StdEncoding.EncodeToString([]byte(testUser+":"+leak.ProxyPhrase))))
		name := func(r rune) rune {
			if r > 0x7f {
				return -1
			}
			return hostChar(r)
		}
		certificate := selfSigned(t, strings.Map(name, echo), time.Now().Add(time.Hour))
		secure := refuseNothing(t, certificate)
		for way, answer := range map[string]func(w http.ResponseWriter){
			"status": func(w http.ResponseWriter) {
				conn, _, _ := w.(http.Hijacker).Hijack()
				fmt.Fprintf(conn, "HTTP/1.1 407 %s\r\nProxy-Authenticate: Basic realm=%q\r\nX-Squid-Error: %s\r\nContent-Length: 0\r\n\r\n", echo, echo, echo)
				_ = conn.Close()
			},
			"page": func(w http.ResponseWriter) {
				reply(502, "<html><title>"+echo+"</title><p>"+echo, "Content-Type", "text/html")(w, nil)
			},
			"bad answer": func(w http.ResponseWriter) {
				conn, _, _ := w.(http.Hijacker).Hijack()
				fmt.Fprintf(conn, "%s\r\n\r\n", echo)
				_ = conn.Close()
			},
			"certificate": func(w http.ResponseWriter) { tunnel(w, secure) },
		} {
			wg.Go(func() {
				proxy := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w) })
				var out bytes.Buffer
				logger := logrus.New()
				logger.SetLevel(logrus.TraceLevel)
				logger.SetOutput(&out)
				c := newClient(t, atlassian.Options{APIURL: "https://acme.atlassian.net", Log: logger, CAFile: pemFile(t, certificate),
					Proxy: strings.Replace(proxy.URL, "http://", "http://"+url.UserPassword(testUser, leak.ProxyPhrase).String()+"@", 1)})
				for err := read(t.Context(), c); err != nil; err = errors.Unwrap(err) {
					fmt.Fprintf(&out, "%v %+v\n", err, err)
				}
				c.Check(t.Context(), func(s Step) { fmt.Fprintf(&out, "%+v %v\n", s, s.Err) })
				if found := leak.Find(out.String(), leak.ProxyPhrase); found != "" {
					t.Errorf("%s, %s: %q is in:\n%s", way, spelling, found, out.String())
				}
			})
		}
	}
}

// refuseNothing is a server that shows a certificate and then waits.
func refuseNothing(t *testing.T, certificate tls.Certificate) (address string) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	return acceptEach(t, l, func(net.Conn) {})
}

// A secret that is too short for a run is also removed from a server's text.
func TestShortSecretDoesNotLeak(t *testing.T) {
	t.Parallel()
	c := scenario{Options: with(center, func(o *atlassian.Options) { o.UserIdentifier, o.APIToken = "bob", atlassian.NewSecret("Hunt3r2") }),
		handler: reply(401, `{"message":"no such password: hunt3r2"}`)}.start(t)
	if err := read(t.Context(), c); !strings.HasSuffix(err.Error(), `the server says "no such password: ***"`) {
		t.Errorf("error %v", err)
	}
}

func readGrantBody(r *http.Request) (string, error) {
	var b bytes.Buffer
	_, err := b.ReadFrom(r.Body)
	return b.String(), err
}
