package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"fluent-bit-confluence/internal/atlassian"
)

// maxFile bounds the size of a file that a key names, in bytes.
const maxFile = 16 << 20

func secret(field func(*Settings) *atlassian.Secret) apply {
	return func(s *Settings, value string) error {
		*field(s) = atlassian.NewSecret(value)
		return nil
	}
}

// secretFile reads the file once, so that a mistake shows at the start, not at the first request.
func secretFile(field func(*Settings) *atlassian.Secret) apply {
	return func(s *Settings, path string) error {
		if _, err := readFile(path); err != nil {
			return err
		}
		file := atlassian.SecretFile(path)
		if _, err := file.Reveal(); err != nil {
			return fmt.Errorf("want a file that holds the secret and nothing else: %w", err)
		}
		if odd := file.Odd(); odd != "" {
			s.Warnings = append(s.Warnings, fmt.Sprintf("the secret in %s %s: the input takes all of it, except a line break at the end", path, odd))
		}
		*field(s) = file
		return nil
	}
}

func certificates(field func(*Settings) *string) apply {
	return func(s *Settings, path string) error {
		pem, err := readFile(path)
		if err != nil {
			return err
		}
		if !x509.NewCertPool().AppendCertsFromPEM(pem) {
			return errors.New("want a PEM file with at least one certificate (-----BEGIN CERTIFICATE-----)")
		}
		*field(s) = path
		return nil
	}
}

// readFile reads a file that the operator names. Its errors say what to do.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("want a file that exists: there is none of this name")
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("want a file that user id %d can read: permission denied", os.Getuid())
	case err != nil:
		return nil, fmt.Errorf("want a file that can be read: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("want a file: this is a directory")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("want a file that can be read: %w", err)
	}
	return data, nil
}

func stateFile(s *Settings, path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("want a file: this is a directory, try %s", filepath.Join(path, "confluence.db"))
	}
	if info, err := os.Stat(filepath.Dir(path)); err == nil && !info.IsDir() {
		return errors.New("want a file in a directory: its parent is a file")
	}
	s.DB = path
	return nil
}
