package main

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// source is the audit log of one input, open for reading.
type source struct {
	config.Client
	found    site.Site
	settings config.Settings
}

// openSource connects to a site. A host that does not answer holds it up for the timeout of a
// request, so status shows what it waits for.
func openSource(ctx context.Context, settings config.Settings, status *terminal.Status) (*source, error) {
	status.Show("asking " + settings.APIURL)
	defer status.Clear()
	client, err := settings.Client()
	if err != nil {
		return nil, err
	}
	found, err := client.Connect(ctx)
	return &source{client, found, settings}, err
}

// encoder returns an encoder that makes events as the input does, in the schema with the given name.
func (s *source) encoder(name string) (*event.Encoder, error) {
	format := s.settings.Format()
	format.Schema = name
	return schema.Encoder(format, event.Site{Product: s.found.Product, URL: s.found.URL, Deployment: string(s.found.Deployment), CloudID: s.found.CloudID, OrgID: s.found.OrgID})
}

// newHasher returns a hasher that identifies records as the input does.
func newHasher(settings config.Settings) document.Hasher {
	return document.Hasher{ByID: settings.Product.ByID}
}

// errEnough ends a read early.
var errEnough = errors.New("enough")

// beginning is before the first release of Jira, which is older than Confluence.
var beginning = time.Date(2002, 1, 1, 0, 0, 0, 0, time.UTC)

// oldest returns about the time of the oldest record in a range of time, to within precision. It
// halves the range again and again, because a site returns the newest record of any range in one
// request. It returns false when there is no record.
func (s *source) oldest(ctx context.Context, from, to time.Time, precision time.Duration) (time.Time, bool, error) {
	if from.Before(beginning) {
		from = beginning
	}
	one := s.settings
	one.PageSize = atlassian.MinPageSize // only one record of a page is needed
	client, err := one.Client()
	if err != nil {
		return time.Time{}, false, err
	}
	first, any := to, false
	for low, at := from, to; ; at = low.Add(first.Sub(low) / 2) {
		newest, found, err := newestUntil(ctx, client, from, at)
		switch {
		case err != nil:
			return time.Time{}, false, err
		case found:
			first, any = newest, true
		case !any:
			return time.Time{}, false, nil
		default:
			low = at
		}
		if first.Sub(low) <= precision {
			return low, true, nil
		}
	}
}

// newestUntil returns the time of the newest record of a range of time.
func newestUntil(ctx context.Context, client config.Client, from, to time.Time) (at time.Time, found bool, err error) {
	err = client.Read(ctx, from, to, func(r atlassian.Record) error {
		if r.Time.IsZero() {
			return nil
		}
		at, found = r.Time, true
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return at, found, err
}
