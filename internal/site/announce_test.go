package site_test

import (
	"net/http"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"

	logtest "github.com/sirupsen/logrus/hooks/test"
)

// An announcement about the API is logged once, with its day, and a text about limits once per
// change.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	logger, hook := logtest.NewNullLogger()
	var told []string
	header := []string{"Deprecation", "@1767225600", "Sunset", "Fri, 01 Jan 2027 00:00:00 GMT", "Warning", `299 - "use v2"`}
	c := scenario{Options: with(cloud, func(o *atlassian.Options) {
		o.Route, o.Log, o.Announced = atlassian.RouteSite, logger, func(m string) { told = append(told, m) }
	}), handler: func(w http.ResponseWriter, r *http.Request) { cloudSite(reply(200, emptyPage, header...), nil)(w, r) }}.start(t)
	for range 3 {
		if err := read(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	want := "acme.atlassian.net announces the end of /wiki/rest/api/audit: deprecated since 2026-01-01, works until 2027-01-01, use v2: update this program before that day"
	if len(told) != 1 || told[0] != want {
		t.Errorf("told %q, want %q", told, want)
	}
	header = []string{"Warning", `299 - "use v3"`}
	if err := read(t.Context(), c); err != nil || len(told) != 2 || !strings.Contains(told[1], "warns about /wiki/rest/api/audit: use v3") {
		t.Errorf("%v; told %q", err, told)
	}
	header = []string{"RateLimit-Reason", "conf-global-based", "X-RateLimit-NearLimit", "true"}
	for range 2 {
		if err := read(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	for _, entry := range hook.AllEntries() {
		if strings.Contains(entry.Message, "limit") {
			lines = append(lines, entry.Message)
		}
	}
	if len(lines) != 1 || lines[0] != "acme.atlassian.net is near its limit of requests, so we ask more slowly (Ratelimit-Reason conf-global-based)" {
		t.Errorf("lines %q", lines)
	}
}

func TestSecretOdd(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"ATATT3x-_=0": "", testPAT: "", "correct horse battery": "", `pa"ss`: "", "token": "",
		" x":                   "has white space around it",
		"x\t":                  "has white space around it",
		"\ufeffx":              "begins with a byte order mark",
		`"x"`:                  "stands in quotation marks",
		`'x'`:                  "stands in quotation marks",
		"token: x":             "begins with a name, as in token: x",
		"API_TOKEN=x":          "begins with a name, as in token: x",
		`"client_secret": "x"`: "begins with a name, as in token: x",
		"Bearer x":             "begins with Bearer or Basic",
		"a\nb":                 "has more than one line",
		"\xff\xfea\x00b\x00":   "is not plain text (it may be saved as UTF-16)",
	} {
		if got := atlassian.NewSecret(value).Odd(); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
