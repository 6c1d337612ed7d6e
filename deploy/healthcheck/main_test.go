package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // never to be asked
	for status, want := range map[int]string{
		http.StatusOK:                  "",
		http.StatusInternalServerError: "500",
		http.StatusFound:               "302",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		defer server.Close()
		err := check(t.Context(), server.URL)
		if want == "" && err != nil {
			t.Errorf("%d: %v", status, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d: error %v, want one with %s", status, err, want)
		}
	}
}

func TestCheckNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if err := check(t.Context(), server.URL); err == nil || !strings.Contains(err.Error(), "health_check on") {
		t.Errorf("error %v, want one that tells what to set", err)
	}
}
