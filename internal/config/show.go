package config

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var (
	reference = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}`)
	userinfo  = regexp.MustCompile(`://[^/\s]*@`)
	password  = regexp.MustCompile(`(?i)(password=)[^&\s]*`) // of the address of a database
	// token matches Atlassian's API tokens, which operators sometimes put into the wrong key.
	token = regexp.MustCompile(`AT[A-Z]TT3[A-Za-z0-9]`)
)

// show returns a value as it may be printed.
func (k Key) show(value string) string {
	if k.Secret || token.MatchString(value) {
		return "***"
	}
	value = password.ReplaceAllString(userinfo.ReplaceAllString(value, "://***@"), "$1***")
	if len(value) > 200 {
		value = value[:200] + "..."
	}
	return strconv.Quote(value)
}

// plausible finds mistakes that can happen to the value of any key, such as a variable that was not
// replaced. It returns false when it has found one.
func (p *parser) plausible(key Key, value string) bool {
	if variable := reference.FindString(value); variable == value && variable != "" {
		// Only a value that is nothing but a variable is printed; any other may hold a secret.
		p.mistake("%s is the text %s: that variable was not replaced by its value; use double quotes in a shell, or no quotes in Fluent Bit", key.Name, variable)
		return false
	}
	if !key.Secret && token.MatchString(value) {
		p.mistake("%s holds an API token: put that into api_token", key.Name)
		return false
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		p.mistake("%s %s: want no line breaks or control characters", key.Name, key.show(value))
		return false
	}
	if len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		if key.Secret {
			p.warn("%s begins and ends with a quote: Fluent Bit keeps quotes as part of the value", key.Name)
			return true
		}
		p.mistake("%s %s: want no quotes around it, Fluent Bit keeps them as part of the value", key.Name, key.show(value))
		return false
	}
	if key.Secret && strings.ContainsFunc(value, unicode.IsSpace) {
		p.warn("%s holds a space: API tokens have none", key.Name)
	}
	return true
}
