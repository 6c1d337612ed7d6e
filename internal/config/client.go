package config

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/organization"
)

// A Client reads the audit log of an input: a [site.Client] that of a product, an
// [organization.Client] that of an organization.
type Client interface {
	// Site returns whose log it is. Connect finds out what the settings do not tell.
	Site() site.Site
	Connect(context.Context) (site.Site, error)
	// Check tests each step of access to the log, and reports it as soon as it is known.
	Check(ctx context.Context, report func(site.Step))
	// Read yields the records of a range of time, newest first.
	Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error
	Newest(context.Context) (atlassian.Record, bool, error)
	Now() time.Time // at the site

	Waited() time.Duration
	Slowed() int64
	Requests(class string) int64
	SecretChanged() bool
	// PassedOver returns how many records were listed for a time that is not theirs.
	PassedOver() int64
}

// Client returns the client that the settings ask for. It sends no request. The error has one line
// per mistake.
func (s *Settings) Client() (Client, error) {
	if s.OfOrganization() {
		return organization.New(organization.Options{Options: s.Options, OrgID: s.OrgID, SkipMirrored: !s.Mirrored})
	}
	return site.New(s.Product, s.Options)
}

// OfOrganization reports whether the log is that of an organization.
func (s *Settings) OfOrganization() bool { return s.Product == organization.Product() }
