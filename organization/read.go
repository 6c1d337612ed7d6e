package organization

import (
	"context"
	"net/url"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// slack is how long after its time an event may be processed so that Read of a past range still
// finds it, should the API compare the end of a range with the time of processing.
const slack = time.Hour

// Read calls yield for every event with from <= time <= to, the one that was processed last first,
// and for events without a time. A zero from means all that Atlassian keeps, a zero to means now.
// It is for people who look at a range of time. What follows the log uses Page.
//
// The Raw of an event stays valid.
func (c *Client) Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	query := url.Values{"sortOrder": {"desc"}}
	if !from.IsZero() {
		query.Set("from", stamp(c.kept(from)))
	}
	if end := to.Add(slack); !to.IsZero() && end.Before(c.Now()) {
		query.Set("to", stamp(end))
	}
	for before := ""; ; {
		page, err := c.ask(ctx, query, 0)
		if err != nil {
			return c.api.Told(err)
		}
		for _, e := range page.Events {
			if !e.Time.IsZero() && (e.Time.Before(from) || !to.IsZero() && e.Time.After(to)) {
				continue
			}
			if err := yield(e.Record); err != nil {
				return err
			}
		}
		if page.Listed == 0 || page.Next == "" || page.Next == before {
			return nil
		}
		before = page.Next
		query = url.Values{"cursor": {before}}
	}
}

// Newest returns the event that was processed last, false if the log is empty.
func (c *Client) Newest(ctx context.Context) (atlassian.Record, bool, error) {
	e, found, err := c.Last(ctx)
	return e.Record, found, err
}

// Last is Newest with the time of processing.
func (c *Client) Last(ctx context.Context) (atlassian.Event, bool, error) {
	page, err := c.ask(ctx, url.Values{"sortOrder": {"desc"}}, 1)
	if err != nil || len(page.Events) == 0 {
		return atlassian.Event{Processed: page.Processed}, page.Listed > 0, c.api.Told(err)
	}
	return page.Events[0], true, nil
}
