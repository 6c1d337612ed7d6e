// Package auditlog opens the audit log of an input for reading: its records, the oldest of them, and
// how the input would write and identify them.
package auditlog

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/pipeline"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/terminal"
	"fluent-bit-confluence/organization"
)

// Log is the audit log of one input, open for reading.
type Log struct {
	config.Client
	Settings config.Settings
	names    event.Names // of the actions of an organization
}

// Open connects to a site. A host that does not answer holds it up for the timeout of a request, so
// status shows what it waits for.
func Open(ctx context.Context, settings config.Settings, status *terminal.Status) (*Log, error) {
	status.Show("asking " + settings.APIURL)
	defer status.Clear()
	client, err := settings.Client()
	if err != nil {
		return nil, err
	}
	if _, err := client.Connect(ctx); err != nil {
		return nil, err
	}
	log := &Log{Client: client, Settings: settings}
	if of, ok := client.(*organization.Client); ok {
		actions, _ := of.Actions(ctx) // what follows works without names too
		log.names = pipeline.NamesOf(actions)
	}
	return log, nil
}

// Encoder returns an encoder that makes events as the input does, in the schema with the given name.
func (l *Log) Encoder(name string) (*event.Encoder, error) {
	format := l.Settings.Format()
	format.Schema = name
	at := l.Site()
	encoder, err := schema.Encoder(format, event.Site{Product: at.Product, URL: at.URL, Deployment: string(at.Deployment), CloudID: at.CloudID, OrgID: at.OrgID})
	if err == nil {
		encoder.Call(l.names)
	}
	return encoder, err
}

// Hasher returns a hasher that identifies records as the input does.
func (l *Log) Hasher() document.Hasher { return document.Hasher{ByID: l.Settings.Product.ByID} }

// ReadWhile yields the records of a range of time, newest first, while more returns true.
func (l *Log) ReadWhile(ctx context.Context, from, to time.Time, more func(atlassian.Record) bool) error {
	return readWhile(ctx, l.Client, from, to, more)
}

func readWhile(ctx context.Context, client config.Client, from, to time.Time, more func(atlassian.Record) bool) error {
	enough := errors.New("enough")
	err := client.Read(ctx, from, to, func(r atlassian.Record) error {
		if !more(r) {
			return enough
		}
		return nil
	})
	if errors.Is(err, enough) {
		return nil
	}
	return err
}

// Beginning is before the first release of Jira, which is older than Confluence.
var Beginning = time.Date(2002, 1, 1, 0, 0, 0, 0, time.UTC)

// Oldest returns about the time of the oldest record in a range of time, to within precision. It
// halves the range again and again, because a site returns the newest record of any range in one
// request. It returns false when there is no record.
func (l *Log) Oldest(ctx context.Context, from, to time.Time, precision time.Duration) (time.Time, bool, error) {
	if from.Before(Beginning) {
		from = Beginning
	}
	one := l.Settings
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
	err = readWhile(ctx, client, from, to, func(r atlassian.Record) bool {
		at, found = r.Time, !r.Time.IsZero()
		return !found
	})
	return at, found, err
}
