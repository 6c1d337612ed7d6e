// Package config holds the one table of keys from which come the settings, the command line flags, the environment
// variables and the documentation's table of parameters.
package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Settings are what the operator asked for, checked and with defaults filled in.
type Settings struct {
	atlassian.Options // UserAgent and Log are left to the caller

	PollInterval   time.Duration // from one poll to the next, at least 1s
	StartFrom      StartFrom     // where the very first poll begins
	Overlap        time.Duration // how far each poll looks back again
	RescanInterval time.Duration // from one deep look back to the next
	RescanWindow   time.Duration // how far the deep look back reaches, at least Overlap
	DB             string        // state file, empty: no state is kept
	Schema         string        // one of the schemas of package record
	OCSFVersion    string        // one of the releases of OCSF of package record
	HealthRecords  bool          // put records about the collector itself into the stream
	IncludeRaw     bool          // keep the record as it was sent, too
	TokenExpires   time.Time     // zero: not said

	// Warnings are worth a line in the log but no refusal. They hold no secret.
	Warnings []string
}

// Parse reads the settings through get, which returns the value of a key and "" where there is none, as Fluent Bit
// does. The error holds one line per mistake, all of them, and no secret; see [Mistakes].
func Parse(get func(key string) string) (Settings, error) {
	p := parser{now: time.Now(), set: make(map[string]string)}
	for _, key := range keys {
		p.read(key, strings.TrimSpace(get(key.Name)))
	}
	p.checkAddresses()
	p.checkCredentials()
	p.checkTimes()
	p.checkSchema()
	if len(p.mistakes) == 0 {
		// What the client refuses on its own account is refused here already.
		if _, err := atlassian.New(p.Options); err != nil {
			p.mistakes = append(p.mistakes, err)
		}
	}
	return p.Settings, errors.Join(p.mistakes...)
}

// Mistakes splits an error of [Parse] into its lines.
func Mistakes(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// parser collects settings, mistakes and warnings.
type parser struct {
	Settings
	now      time.Time
	set      map[string]string // keys that were given a value, by name
	mistakes []error
}

// read takes the default where there is no value, and where there is a wrong one: the checks that follow then find
// what is wrong besides it.
func (p *parser) read(key Key, value string) {
	if value != "" {
		p.set[key.Name] = value
		if p.plausible(key, value) {
			err := key.read(&p.Settings, value)
			if err == nil {
				return
			}
			p.mistake("%s %s: %w", key.Name, key.show(value), err)
		}
	}
	if key.Default != "" {
		_ = key.read(&p.Settings, key.Default)
	}
}

func (p *parser) checkSchema() {
	if p.given("ocsf_version") && p.Schema != "ocsf" {
		p.warn("ocsf_version has no effect with schema %s: set schema to ocsf, or leave it out", p.Schema)
	}
}

func (p *parser) mistake(format string, args ...any) {
	p.mistakes = append(p.mistakes, fmt.Errorf(format, args...))
}

func (p *parser) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// given tells whether the operator set the key, as opposed to its default.
func (p *parser) given(name string) bool { return p.set[name] != "" }
