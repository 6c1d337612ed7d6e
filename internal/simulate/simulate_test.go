package simulate_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
)

// site is a running simulation and one way to sign in to it.
type site struct {
	*simulate.Simulator
	url    string
	signIn func(*http.Request)
}

func start(t testing.TB, o simulate.Options) *site {
	t.Helper()
	sim := simulate.New(o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	s := &site{Simulator: sim, url: server.URL, signIn: basic("admin@example.com", "unscoped-token")}
	if o.Deployment == simulate.DataCenter {
		s.signIn = basic("admin", "password")
	}
	return s
}

func basic(user, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, secret) }
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func nobody(*http.Request) {}

// client neither follows redirects nor unpacks, so that tests see what was sent.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

type got struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(t testing.TB, method, path, body string, signIn func(*http.Request)) got {
	t.Helper()
	g, err := s.try(t, method, path, body, signIn)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (s *site) try(t testing.TB, method, path, body string, signIn func(*http.Request)) (got, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	signIn(r)
	response, err := client.Do(r)
	if err != nil {
		return got{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return got{response.StatusCode, response.Header, string(text)}, err
}

func (s *site) get(t testing.TB, path string) got {
	t.Helper()
	return s.do(t, http.MethodGet, path, "", s.signIn)
}

type cloudPage struct {
	Results            []json.RawMessage
	Start, Limit, Size int
	Links              struct{ Base, Context, Self, Next string } `json:"_links"`
}

func (s *site) cloudPage(t testing.TB, query string) cloudPage {
	t.Helper()
	return decode[cloudPage](t, s.get(t, "/wiki/rest/api/audit?"+query))
}

type eventsPage struct {
	Entities   []json.RawMessage
	PagingInfo struct {
		LastPage                     bool
		NextPageCursor, NextPageLink string
		NextPageOffset               *int
		Size                         int
	}
}

func (s *site) eventsPage(t testing.TB, query string) eventsPage {
	t.Helper()
	return decode[eventsPage](t, s.get(t, "/rest/auditing/1.0/events?"+query))
}

func decode[T any](t testing.TB, g got) T {
	t.Helper()
	var v T
	if g.status != http.StatusOK {
		t.Fatalf("status %d, body %s", g.status, g.body)
	}
	if err := json.Unmarshal([]byte(g.body), &v); err != nil {
		t.Fatalf("%v in %.200s", err, g.body)
	}
	return v
}

// readCloud walks a window by offset.
func (s *site) readCloud(t testing.TB, query string, limit int) (records []string) {
	t.Helper()
	for {
		page := s.cloudPage(t, fmt.Sprintf("%s&start=%d&limit=%d", query, len(records), limit))
		for _, r := range page.Results {
			records = append(records, string(r))
		}
		if page.Links.Next == "" {
			return records
		}
	}
}

// readEvents walks a window by cursor.
func (s *site) readEvents(t testing.TB, query string) (records []string) {
	t.Helper()
	cursor := ""
	for {
		page := s.eventsPage(t, query+"&pageCursor="+url.QueryEscape(cursor))
		for _, r := range page.Entities {
			records = append(records, string(r))
		}
		if page.PagingInfo.LastPage {
			return records
		}
		cursor = page.PagingInfo.NextPageCursor
	}
}

// existing returns Records, one string for each copy, newest first, without Data Center's own
// searches.
func (s *site) existing() (records []string) {
	for r := range s.Records() {
		if strings.HasPrefix(r.Serial, "SEARCH-") {
			continue
		}
		for range r.Copies {
			records = append([]string{string(r.JSON)}, records...)
		}
	}
	return records
}
