package meaning

import (
	"bytes"
	"net/url"
	"unicode/utf8"
)

// usernameIn finds the user name in Data Center's link to a user, which has it in the parameter:
// .../viewuser.action?username=jane, .../ViewProfile.jspa?name=jane.
func usernameIn(uri []byte, parameter string) Field {
	_, query, _ := bytes.Cut(uri, []byte("?"))
	query, _, _ = bytes.Cut(query, []byte("#"))
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		value, ok := bytes.CutPrefix(pair, []byte(parameter))
		if !ok || len(value) == 0 || value[0] != '=' {
			continue
		}
		value = value[1:]
		if bytes.IndexByte(value, '%') < 0 && bytes.IndexByte(value, '+') < 0 {
			return Field{Text: value}
		}
		if name, err := url.QueryUnescape(string(value)); err == nil && utf8.ValidString(name) {
			return Field{Text: []byte(name)}
		}
	}
	return Field{}
}

// isAccountID reports whether s is an account id: 24 hex digits, or digits, a colon and a UUID.
func isAccountID(s []byte) bool {
	prefix, id, ok := bytes.Cut(s, []byte(":"))
	if !ok {
		return len(s) == 24 && all(s, isHex)
	}
	return len(prefix) > 0 && all(prefix, isDigit) && isUUID(id)
}

func isUUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !isHex(c) {
			return false
		}
	}
	return true
}

// IsEmail reports whether s is an e-mail address, as strictly as the email_t of OCSF.
func IsEmail(s []byte) bool {
	local, domain, ok := bytes.Cut(s, []byte("@"))
	label, rest, dotted := bytes.Cut(domain, []byte("."))
	host := func(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' }
	return ok && dotted && len(local) > 0 && len(label) > 0 && len(rest) > 0 &&
		all(local, func(c byte) bool {
			return isLetter(c) || isDigit(c) || bytes.IndexByte([]byte("!#$%&'*+,-./=?^_`{|}~"), c) >= 0
		}) &&
		all(label, host) && all(rest, func(c byte) bool { return host(c) || c == '.' })
}

func all(s []byte, is func(byte) bool) bool {
	for _, c := range s {
		if !is(c) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
