package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/redact/leak"
)

// echo is a server that answers everything with an error which has the text in it.
func echo(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := c.Read(make([]byte, 4096)); err != nil {
					return
				}
				fields := "SFATAL\x00VFATAL\x00C28P01\x00M" + strings.ReplaceAll(text, "\x00", "") + "\x00\x00"
				n := len(fields) + 4
				_, _ = c.Write(append([]byte{'E', byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, fields...))
			}()
		}
	}()
	return l.Addr().String()
}

// No error and no log line has the password, whatever the server says and however wrong the address
// is.
func TestNoPassword(t *testing.T) {
	t.Parallel()
	const secret = leak.LongToken
	check := func(what string, err error, lines string) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
			return
		}
		for text := errors.Unwrap(err); text != nil; text = errors.Unwrap(text) {
			lines += "\n" + text.Error()
		}
		if found := leak.Find(err.Error()+"\n"+lines, secret); found != "" {
			t.Errorf("%s: %q has %q", what, err.Error()+lines, found)
		}
	}
	try := func(what string, o Options) {
		var lines bytes.Buffer
		log := logrus.New()
		log.SetOutput(&lines)
		o.Log = log
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := Join(ctx, o)
		check(what, err, lines.String())
		_, err = View(ctx, o)
		check(what, err, lines.String())
	}
	for name, spell := range leak.Spellings {
		server := echo(t, "password authentication failed: "+spell(secret))
		try("in the address, echoed as "+name, Options{URL: fmt.Sprintf("postgres://%s@%s/x?sslmode=disable", url.UserPassword("me", secret), server)})
		try("from a function, echoed as "+name, Options{
			URL: fmt.Sprintf("postgres://me@%s/x?sslmode=disable", server), Password: func() (string, error) { return secret, nil },
		})
	}
	query := url.QueryEscape(secret)
	for _, address := range []string{
		"postgres://me:" + secret + "@db.example.com:port/x",
		"postgres://me:" + secret + "@db.example.com/x",
		"postgres://me:" + url.QueryEscape(secret) + "@[db.example.com/x",
		"postgres://me:" + url.PathEscape(secret) + "@db.example.com:99999/x",
		"postgres://me:" + query + "@db.example.com/x?sslmode=never",
		"postgres://db.example.com/x?sslmode=never&password=" + query,
		"host=db.example.com port=none password='" + secret + "'",
		"host=db.example.com sslmode=never password=" + query,
		"mysql://me:" + query + "@db.example.com/x",
		"me:" + query + "@db.example.com/x",
		"postgres:me:" + query + "@db.example.com/x",
	} {
		try(address, Options{URL: address})
	}
}
