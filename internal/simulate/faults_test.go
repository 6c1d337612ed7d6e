package simulate_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	for kind, want := range map[simulate.FaultKind]struct {
		status int
		body   string // part of it
		header string // "Name: value", "" = not looked at
	}{
		simulate.FaultScope:         {401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category: FAILURE_CLIENT_SCOPE_CHECK"},
		simulate.FaultMismatch:      {401, `{"code":401,"message":"Unauthorized"}`, "X-Failure-Category: FAILURE_CLIENT_AUTH_MISMATCH"},
		simulate.FaultNotPermitted:  {403, `{"message":"Current user not permitted to use Confluence","statusCode":403}`, ""},
		simulate.FaultNotAdmin:      {403, `"statusCode":403`, ""},
		simulate.FaultFreePlan:      {403, `Free edition`, ""},
		simulate.FaultUnauthorized:  {401, ``, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		simulate.FaultAnonymous:     {200, `"results":[]`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		simulate.FaultLoginPage:     {200, `<title>Log in`, "Content-Type: text/html;charset=UTF-8"},
		simulate.FaultLoginPage401:  {401, `<title>Log in`, "Content-Type: text/html;charset=UTF-8"},
		simulate.FaultSSO:           {302, ``, "Location: https://sso.example.net/login"},
		simulate.FaultRedirect:      {307, ``, "Location: https://elsewhere.example.net/wiki/rest/api/audit?limit=1"},
		simulate.FaultNotFound:      {404, `dead link`, ""},
		simulate.FaultRateLimit:     {429, ``, "Retry-After: 2"},
		simulate.FaultRateLimitBare: {429, ``, "Retry-After: "},
		simulate.FaultUnavailable:   {503, ``, "Retry-After: 2"},
		simulate.FaultServerError:   {500, `"statusCode":500`, ""},
		simulate.FaultBadGateway:    {502, `502 Bad Gateway`, "Content-Type: text/html;charset=UTF-8"},
		simulate.FaultOtherJSON:     {200, `{"ok":true`, ""},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := start(t, simulate.Options{Records: 3, Faults: []simulate.Fault{{Kind: kind}}})
			g := s.get(t, sitePath+"?limit=1")
			if name, value, _ := strings.Cut(want.header, ": "); g.status != want.status || !strings.Contains(g.body, want.body) || g.header.Get(name) != value {
				t.Errorf("%d %v %s", g.status, g.header, g.body)
			}
		})
	}
}

func TestRateLimitTellsAMoment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         simulate.FaultKind
		name, layout string
	}{{simulate.FaultRateLimitDate, "Retry-After", http.TimeFormat}, {simulate.FaultRateLimitISO, "X-Ratelimit-Reset", time.RFC3339}} {
		g := start(t, simulate.Options{Faults: []simulate.Fault{{Kind: c.kind, Value: "90"}}}).get(t, sitePath)
		date, _ := time.Parse(http.TimeFormat, g.header.Get("Date"))
		at, err := time.Parse(c.layout, g.header.Get(c.name))
		if err != nil || at.Sub(date).Round(2*time.Second) != 90*time.Second || len(g.header.Values("Retry-After")) > 0 != (c.name == "Retry-After") {
			t.Errorf("%s at %v: %v, %v", c.kind, date, g.header, err)
		}
	}
}

func TestWhenFaultsStrike(t *testing.T) {
	t.Parallel()
	statuses := func(s *site, n int, path string) (all []int) {
		for range n {
			all = append(all, s.get(t, path).status)
		}
		return all
	}
	counted := start(t, simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultServerError, After: 1, Count: 2}}})
	if diff := cmp.Diff([]int{200, 500, 500, 200}, statuses(counted, 4, sitePath)); diff != "" {
		t.Error(diff)
	}
	elsewhere := start(t, simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultServerError, Path: "tenant_info"}}})
	if diff := cmp.Diff([]int{200, 500}, append(statuses(elsewhere, 1, sitePath), statuses(elsewhere, 1, "/_edge/tenant_info")...)); diff != "" {
		t.Error(diff)
	}
	o := simulate.Options{Seed: 5, Faults: []simulate.Fault{{Kind: simulate.FaultServerError, Share: 0.5}}}
	sometimes := statuses(start(t, o), 40, sitePath)
	failures := 0
	for _, status := range sometimes {
		if status == 500 {
			failures++
		}
	}
	if failures < 10 || failures > 30 {
		t.Errorf("%d of 40 requests failed at one half", failures)
	}
	if diff := cmp.Diff(sometimes, statuses(start(t, o), 40, sitePath)); diff != "" {
		t.Errorf("the same seed failed other requests: %s", diff)
	}
}

func TestFaultsAreChecked(t *testing.T) {
	t.Parallel()
	s := simulate.New(simulate.Options{})
	for _, f := range []simulate.Fault{
		{Kind: "unheard-of"}, {Kind: simulate.FaultRateLimit, Value: "soon"}, {Kind: simulate.FaultInsert, Value: "-1"}, {Kind: simulate.FaultSlow, Value: "5"},
		{Kind: simulate.FaultRedirect, Value: "elsewhere"}, {Kind: simulate.FaultMalformed, Value: "odd"}, {Kind: simulate.FaultCut, Value: "1"},
	} {
		if err := s.SetFaults(f); err == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
	for _, kind := range simulate.FaultKinds() {
		if err := s.SetFaults(simulate.Fault{Kind: kind}); err != nil {
			t.Errorf("%s without a value: %v", kind, err)
		}
	}
}

func TestWireFaults(t *testing.T) {
	t.Parallel()
	plain := start(t, simulate.Options{Records: 3, Start: time.Now()}).get(t, sitePath).body
	size := strconv.Itoa(len(plain))
	with := func(f simulate.Fault) *site {
		return start(t, simulate.Options{Records: 3, Faults: []simulate.Fault{f}})
	}
	if _, err := with(simulate.Fault{Kind: simulate.FaultCut}).try(t, http.MethodGet, sitePath, "", basic("admin@example.com", "unscoped-token")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %v", err)
	}
	if _, err := with(simulate.Fault{Kind: simulate.FaultReset}).try(t, http.MethodGet, sitePath, "", nobody); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("reset: %v", err)
	}
	zipped := with(simulate.Fault{Kind: simulate.FaultGzip}).get(t, sitePath)
	z, err := gzip.NewReader(strings.NewReader(zipped.body))
	if err != nil || zipped.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("gzip: %v %v", err, zipped.header)
	}
	if text, err := io.ReadAll(z); err != nil || strconv.Itoa(len(text)) != size {
		t.Errorf("gzip: %d bytes, want %s, %v", len(text), size, err)
	}
	if g := with(simulate.Fault{Kind: simulate.FaultBOM}).get(t, sitePath); !strings.HasPrefix(g.body, "\xef\xbb\xbf{") {
		t.Errorf("bom: %.10q", g.body)
	}
	if g := with(simulate.Fault{Kind: simulate.FaultNearLimit}).get(t, sitePath); g.header.Get("X-Ratelimit-Nearlimit") != "true" {
		t.Errorf("near limit: %v", g.header)
	}
	if g := with(simulate.Fault{Kind: simulate.FaultHuge, Value: "3000000"}).get(t, sitePath); len(g.body) < 3000000 || len(g.body) > 3100000 {
		t.Errorf("huge: %d bytes", len(g.body))
	}
	if g := with(simulate.Fault{Kind: simulate.FaultSlow, Value: "10ms"}).get(t, sitePath); strconv.Itoa(len(g.body)) != size {
		t.Errorf("slow: %d bytes, want %s", len(g.body), size)
	}
	g := with(simulate.Fault{Kind: simulate.FaultDateSkew, Value: "-1h"}).get(t, sitePath)
	if date, err := time.Parse(http.TimeFormat, g.header.Get("Date")); err != nil || time.Since(date).Round(time.Minute) != time.Hour {
		t.Errorf("date skew: %v %v", date, err)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultHang}}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+sitePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hang: %v", err)
	}
}

func TestEveryFaultIsExplained(t *testing.T) {
	t.Parallel()
	for _, kind := range simulate.FaultKinds() {
		if simulate.FaultText(kind) == "" {
			t.Errorf("%s has no comment in fault_kinds.go", kind)
		}
	}
}
