package config

import (
	"errors"
	"net/url"
	"strings"
)

// IsDatabase reports whether a value of db is the address of a database, and not a file.
func IsDatabase(value string) bool {
	scheme, _, is := strings.Cut(strings.TrimSpace(value), "://")
	return is && (scheme == "postgres" || scheme == "postgresql")
}

// stateOf reads where the state is: in a database, or in a file. What is neither may hold a password,
// so it must not pass for the name of a file, which is printed.
func stateOf(s *Settings, value string) error {
	if !IsDatabase(value) {
		if strings.Contains(value, "://") || password.MatchString(value) {
			return errors.New("want a file, or postgres://user@host:5432/database")
		}
		return stateFile(s, value)
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "" && u.Query().Get("host") == "":
		return errors.New("want postgres://user@host:5432/database")
	case u.Query().Has("password"):
		return errors.New("want no password in it: use db_password_file")
	}
	if _, has := u.User.Password(); has {
		return errors.New("want no password in it: use db_password_file")
	}
	s.Database = value
	return nil
}

func (p *parser) checkDatabase() {
	for _, key := range []string{"db_password_file", "fleet_max_sites"} {
		if p.given(key) && p.Database == "" {
			p.warn("%s has no effect without db postgres://...", key)
		}
	}
}
