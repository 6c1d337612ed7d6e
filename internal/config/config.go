// Package config reads and checks the settings of an input, by one table of keys from which the
// command line flags, the environment variables and the manual's table of keys come too.
package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/site"
)

// Settings are the values of all keys, checked and with defaults filled in.
type Settings struct {
	atlassian.Options // UserAgent and Log are left to the caller

	Product        *site.Product // whose audit log is read
	OrgID          string        // of an organization, empty: the key is asked
	Mirrored       bool          // deliver what a product has in its own log too
	PollInterval   time.Duration // from one poll to the next, at least 1s
	StartFrom      StartFrom     // where the first run begins
	Overlap        time.Duration // how far each poll looks back again
	RescanInterval time.Duration // from one deep look back to the next
	RescanWindow   time.Duration // how far the deep look back reaches, at least Overlap
	// BackfillRequests is how many requests for old records may be under way at the same time.
	BackfillRequests int
	DB               string           // state file, empty: no state is kept, or in Database
	Database         string           // URL of the PostgreSQL database with the state; empty: none
	apiKey           atlassian.Secret // of an organization: it becomes APIToken
	// DatabasePassword is that of Database; if it is not set, the usual variables of PostgreSQL
	// count.
	DatabasePassword atlassian.Secret
	FleetMaxSites    int       // how many sites this process reads at most, 0: any number
	Schema           string    // one of the schemas of package schema
	OCSFVersion      string    // one of the releases of package ocsf
	HealthRecords    bool      // deliver records about the collector itself, too
	IncludeRaw       bool      // keep the record as it was sent, too
	TokenExpires     time.Time // zero: not set

	// Warnings are lines for the log that do not stop the start. They hold no secret.
	Warnings []string
}

// Parse reads the settings through get, which returns the value of a key, "" when it is not set.
// The error has one line for each mistake, and no secret; see [Mistakes].
func Parse(get func(key string) string) (Settings, error) {
	p := parser{now: time.Now(), set: make(map[string]string)}
	for _, key := range keys {
		p.read(key, strings.TrimSpace(get(key.Name)))
	}
	p.checkProduct()
	p.checkAddresses()
	p.checkCredentials()
	p.checkTimes()
	p.checkSchema()
	p.checkDatabase()
	if len(p.mistakes) == 0 {
		// The client makes checks of its own: its errors are shown with the others.
		if _, err := p.Client(); err != nil {
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

// read applies the value of a key. It applies the default when there is no value, and also after a
// wrong one, so that the later checks can find further mistakes.
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

// Format returns the form of the events.
func (s *Settings) Format() schema.Format {
	return schema.Format{Schema: s.Schema, OCSFVersion: s.OCSFVersion, IncludeRaw: s.IncludeRaw}
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

// given reports whether the operator has set the key.
func (p *parser) given(name string) bool { return p.set[name] != "" }
