package atlassian

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
)

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const value = "tell-nobody"
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(value), 0o600); err != nil {
		t.Fatal(err)
	}
	fromFile := SecretFile(file)
	if _, err := fromFile.Reveal(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []Secret{NewSecret(value), fromFile} {
		type hidden struct{ s Secret }
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T"} {
			fmt.Fprintf(&out, verb+"\n", secret)
			fmt.Fprintf(&out, verb+"\n", &secret)
			fmt.Fprintf(&out, verb+"\n", Options{APIToken: secret})
			fmt.Fprintf(&out, verb+"\n", hidden{secret})
		}
		encoded, err := json.Marshal(map[string]any{"a": secret, "b": &secret, "c": Options{APIToken: secret}.APIToken})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(encoded)
		logger := logrus.New()
		logger.Out = &out
		for _, formatter := range []logrus.Formatter{&logrus.TextFormatter{}, &logrus.JSONFormatter{}} {
			logger.Formatter = formatter
			logger.WithField("secret", secret).WithField("options", fmt.Sprint(Options{APIToken: secret})).Info(secret)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", secret)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", secret)
		if text := out.String(); strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) {
			t.Errorf("printed:\n%s", text)
		}
		if got := fmt.Sprintf("%v %s %+v", secret, secret, secret); got != "*** *** ***" {
			t.Errorf("prints %q", got)
		}
	}
}

func TestSecretFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	s := SecretFile(file)
	if !s.IsSet() {
		t.Error("a file that is not there yet is set all the same")
	}
	if _, err := s.Reveal(); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("missing file: error %v", err)
	}
	for _, step := range []struct{ content, want string }{
		{"first\n", "first"}, {"second one\r\n", "second one"}, {"  spaces count ", "  spaces count "}, {"a\nb\n\n", "a\nb"},
	} {
		if err := os.WriteFile(file, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Reveal(); err != nil || got != step.want {
			t.Errorf("%q reads as %q, %v", step.content, got, err)
		}
	}
	for name, content := range map[string]string{"empty": "\n", "huge": strings.Repeat("x", maxSecretFile+1)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reveal(); err == nil {
			t.Errorf("%s file is taken", name)
		}
	}
}

// A file replaced by one of the same size and time is read again after a refusal. One of another
// size is read at once.
func TestSecretFileReread(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	s := SecretFile(file)
	if _, err := s.Reveal(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Reveal(); got != "old" {
		t.Errorf("Reveal %q reads an unchanged file", got)
	}
	if got, _ := s.reread(); got != "new" {
		t.Errorf("reread %q", got)
	}
	if err := os.WriteFile(file, []byte("longer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Reveal(); got != "longer" {
		t.Errorf("Reveal %q after a change of size", got)
	}
}

func TestSecretNotSet(t *testing.T) {
	t.Parallel()
	for _, s := range []Secret{{}, NewSecret(""), SecretFile("")} {
		if value, err := s.Reveal(); s.IsSet() || value != "" || err != nil {
			t.Errorf("set %v, value %q, error %v", s.IsSet(), value, err)
		}
	}
}

// SecretChanged reports once that a file is new, changed or gone since it was last tried.
func TestSecretChanged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	c, err := New(Options{APIURL: "https://acme.atlassian.net", UserIdentifier: "bob", APIToken: SecretFile(path)})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	write := func(value string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second) // whatever the resolution of the file system
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"made", func() { write("one") }},
		{"changed to another of the same size", func() { write("two") }},
		{"emptied", func() { write("") }},
		{"filled", func() { write("three") }},
		{"removed", func() { os.Remove(path) }},
	} {
		_, _ = c.Options.APIToken.Reveal()
		if c.SecretChanged() {
			t.Errorf("before it was %s: changed since it was tried", step.what)
		}
		if step.do(); !c.SecretChanged() {
			t.Errorf("%s: not noticed", step.what)
		}
		if c.SecretChanged() {
			t.Errorf("%s: told twice", step.what)
		}
	}
}
