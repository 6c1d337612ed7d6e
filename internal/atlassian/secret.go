package atlassian

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
)

// redacted is printed in place of a secret.
const redacted = "***"

// maxSecretFile bounds the size of a secret file, in bytes.
const maxSecretFile = 64 << 10

// Secret is a token or password, given directly or as a file that may change while the process
// runs. Formatting, logging or marshalling a Secret gives ***, whatever the verb. The zero Secret
// is not set. Copies share one cache and are safe for concurrent use.
type Secret struct {
	s *secret // a pointer, so that Secrets can be compared
}

// secret holds a function, because fmt prints unexported fields of any other kind without calling
// their methods.
type secret struct {
	reveal  func(fresh bool) (string, error)
	changed func() bool
}

// NewSecret holds a fixed value. An empty value gives a Secret that is not set.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&secret{func(bool) (string, error) { return value, nil }, func() bool { return false }}}
}

// SecretFile holds the content of a file, without its trailing line break. The file is read when
// the value is first needed, and again when its modification time or size changes or the server
// refuses the value.
func SecretFile(path string) Secret {
	if path == "" {
		return Secret{}
	}
	file := &secretFile{path: path}
	return Secret{&secret{file.load, file.changed}}
}

// IsSet reports whether a value or a file was given. It does not read the file.
func (s Secret) IsSet() bool { return s.s != nil }

// Reveal returns the value, empty if the Secret is not set.
func (s Secret) Reveal() (string, error) {
	if s.s == nil {
		return "", nil
	}
	return s.s.reveal(false)
}

// reread is Reveal after a refusal. It reads the file even if it looks unchanged, because a mounted
// secret can be replaced within the resolution of its modification time.
func (s Secret) reread() (string, error) {
	if s.s == nil {
		return "", nil
	}
	return s.s.reveal(true)
}

var (
	secretName   = regexp.MustCompile(`(?i)^["']?(export +)?[a-z_-]*(token|password|secret|pat|key|authorization)["']? *[:=]`)
	secretScheme = regexp.MustCompile(`(?i)^(bearer|basic) +`)
)

// Odd names what is probably wrong about a value, empty if nothing is or the value cannot be read.
// It does not reveal the value.
func (s Secret) Odd() string {
	value, err := s.Reveal()
	if err != nil {
		return ""
	}
	var odd []string
	note := func(found bool, what string) {
		if found {
			odd = append(odd, what)
		}
	}
	note(strings.Contains(value, "\x00"), "is not plain text (it may be saved as UTF-16)")
	bare := strings.TrimPrefix(value, "\ufeff")
	note(bare != value, "begins with a byte order mark")
	trimmed := strings.TrimSpace(bare)
	note(trimmed != bare, "has white space around it")
	note(strings.ContainsAny(trimmed, "\r\n"), "has more than one line")
	note(secretName.MatchString(trimmed), "begins with a name, as in token: x")
	note(secretScheme.MatchString(trimmed), "begins with Bearer or Basic")
	note(len(trimmed) > 1 && strings.ContainsRune(`"'`, rune(trimmed[0])) && trimmed[len(trimmed)-1] == trimmed[0],
		"stands in quotation marks")
	return strings.Join(odd, ", ")
}

type secretFile struct {
	path string

	mu    sync.Mutex
	known looks // looks of the file when it was last read, tried, or reported by changed
	value string
	is    looks // looks of the file when value was read; zero before that
}

// looks are what shows that a file has changed. They are zero if there is no file.
type looks struct {
	mtime int64
	size  int64
}

func looksOf(info os.FileInfo, err error) looks {
	if err != nil {
		return looks{}
	}
	return looks{info.ModTime().UnixNano(), info.Size()}
}

// changed reports, once for each change, that the file has changed since it was last tried.
func (s *secretFile) changed() bool {
	now := looksOf(os.Stat(s.path))
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.known
	s.known = now
	return now != before
}

func (s *secretFile) load(fresh bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	f, err := os.Open(s.path)
	if err != nil {
		s.known = looksOf(os.Stat(s.path)) // the file may exist and not be readable
		return "", fmt.Errorf("read secret file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("read secret file: %w", err)
	}
	s.known = looksOf(info, nil)
	if !fresh && s.known == s.is {
		return s.value, nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("read secret file: %w", err)
	}
	if len(data) > maxSecretFile {
		return "", fmt.Errorf("read secret file %s: larger than %d bytes", s.path, maxSecretFile)
	}
	data = bytes.TrimRight(data, "\r\n")
	if len(data) == 0 {
		return "", fmt.Errorf("read secret file %s: %w", s.path, errEmptySecret)
	}
	s.value, s.is = string(data), s.known
	return s.value, nil
}

var errEmptySecret = errors.New("the file is empty")

// String returns ***.
func (Secret) String() string { return redacted }

// Format writes *** for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns ***. JSON, YAML and slog use it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
