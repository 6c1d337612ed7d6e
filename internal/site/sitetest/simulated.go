package sitetest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

// Simulated returns a client of a simulated Atlassian, with only an address and a credential.
func Simulated(t *testing.T, k Kind, s simulate.Options, o atlassian.Options) (*simulate.Simulator, *site.Client) {
	t.Helper()
	sim := simulate.New(k.Of(s))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	o.APIURL = server.URL + s.ContextPath
	o.GatewayURL, o.TokenURL = server.URL, server.URL+"/oauth/token"
	return sim, k.Client(t, o)
}

// Expected returns the records of the log without our own searches, sorted.
func Expected(sim *simulate.Simulator) []string {
	var want []string
	for r := range sim.Records() {
		if !strings.HasPrefix(r.Serial, "SEARCH-") {
			want = append(want, slices.Repeat([]string{string(r.JSON)}, r.Copies)...)
		}
	}
	slices.Sort(want)
	return want
}

// ReadWindow returns all records that a client reads, sorted. It reads again if the log moves.
func ReadWindow(t *testing.T, c *site.Client) []string {
	t.Helper()
	var got []string
	for range 5 { // the simulated log may move
		got = got[:0]
		err := c.Read(t.Context(), time.Time{}, time.Now(), func(r atlassian.Record) error {
			got = append(got, string(r.Raw))
			return nil
		})
		if err == nil {
			slices.Sort(got)
			return got
		}
		if !errors.Is(err, atlassian.ErrMoved) {
			t.Fatal(err)
		}
	}
	t.Fatal("the log moved at every try")
	return nil
}

// Compare compares two sorted lists of records.
func Compare(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	count := map[string]int{}
	for _, record := range got {
		count[record]++
	}
	for _, record := range want {
		count[record]--
	}
	missing, extra, example := 0, 0, ""
	for record, n := range count {
		switch {
		case n < 0:
			missing -= n
			example = record
		case n > 0:
			extra += n
			example = record
		}
	}
	t.Errorf("%d records instead of %d: %d missing, %d too many, among them %.300s", len(got), len(want), missing, extra, example)
}

// BubbledTo returns a client of a handler for a synctest bubble.
func BubbledTo(t *testing.T, k Kind, h http.Handler, o atlassian.Options) *site.Client {
	t.Helper()
	o.APIURL, o.AllowHTTP, o.Transport = "http://wiki.example.com", true, simulate.InMemory(h)
	if k.Deployment == simulate.Cloud {
		o.Route, o.CloudID = atlassian.RouteSite, "some-cloud-id"
	}
	return k.Client(t, o)
}
