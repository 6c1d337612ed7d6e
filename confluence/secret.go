package confluence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// redacted is all that is ever printed of a secret.
const redacted = "***"

// maxSecretFile bounds what is read from a secret file, in bytes.
const maxSecretFile = 64 << 10

// Secret is a token or password, given directly or as a file that may change
// while the process runs. Formatting, logging or marshalling a Secret yields
// *** whatever the verb. The zero Secret is not set. Copies share one cache
// and are safe for concurrent use.
type Secret struct {
	s *secret // pointer: Secrets can be compared
}

// secret holds a function, because fmt looks into unexported fields of any other
// kind without asking for methods.
type secret struct {
	reveal func(fresh bool) (string, error)
}

// NewSecret holds a fixed value. An empty value gives a Secret that is not set.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&secret{func(bool) (string, error) { return value, nil }}}
}

// SecretFile holds the content of a file, without its trailing line break. The
// file is first read when the value is needed, and again whenever its
// modification time or size changes or the server refuses the value.
func SecretFile(path string) Secret {
	if path == "" {
		return Secret{}
	}
	file := &secretFile{path: path}
	return Secret{&secret{file.load}}
}

// IsSet tells whether a value or a file was given. It does not read the file.
func (s Secret) IsSet() bool { return s.s != nil }

// Reveal returns the value itself; empty if the Secret is not set.
func (s Secret) Reveal() (string, error) {
	if s.s == nil {
		return "", nil
	}
	return s.s.reveal(false)
}

// reread is Reveal after a refusal: the file is read even if it looks unchanged,
// because a mounted secret can be replaced within the resolution of its mtime.
func (s Secret) reread() (string, error) {
	if s.s == nil {
		return "", nil
	}
	return s.s.reveal(true)
}

type secretFile struct {
	path string

	mu    sync.Mutex
	value string
	mtime time.Time
	size  int64
	read  bool
}

func (s *secretFile) load(fresh bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	f, err := os.Open(s.path)
	if err != nil {
		return "", fmt.Errorf("read secret file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("read secret file: %w", err)
	}
	if s.read && !fresh && info.ModTime().Equal(s.mtime) && info.Size() == s.size {
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
	s.value, s.mtime, s.size, s.read = string(data), info.ModTime(), info.Size(), true
	return s.value, nil
}

var errEmptySecret = errors.New("the file is empty")

// String returns ***.
func (Secret) String() string { return redacted }

// Format writes *** for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns ***. JSON, YAML and slog use it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
