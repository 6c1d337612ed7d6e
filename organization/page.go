package organization

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// maxCursor bounds a cursor, in bytes: it is kept in the state, and sent in an address.
const maxCursor = 4 << 10

// Page returns the page at a cursor or, without one, the first page of what was processed since
// from; a zero from means all that Atlassian keeps. A page for which nothing was listed is the
// present end. Its cursor leads to later events or, if it has none, the cursor of the page before
// does. Other programs that read the API expect both.
//
// The error wraps [atlassian.ErrCursor] if the cursor is not known any more.
//
// It is not verified whether the API compares from with the time of processing or with that of the
// event, which is never later.
func (c *Client) Page(ctx context.Context, cursor string, from time.Time) (atlassian.Page, error) {
	query := url.Values{"sortOrder": {"asc"}}
	if cursor != "" {
		query = url.Values{"cursor": {cursor}}
	} else if !from.IsZero() {
		query.Set("from", stamp(c.kept(from)))
	}
	page, err := c.ask(ctx, query, 0)
	if cursor != "" && err != nil && mayBeCursor(err) {
		// The status of the refusal is not documented. What is refused with the cursor and not
		// without it, is so because of the cursor.
		if _, without := c.ask(ctx, url.Values{"sortOrder": {"asc"}}, 1); without == nil {
			err = fmt.Errorf("%w: %w", atlassian.ErrCursor, err)
		}
	}
	return page, c.api.Told(err)
}

// stamp writes a time for a query: as a Unix time in milliseconds. Source:
// https://developer.atlassian.com/cloud/admin/organization/poll-events-migration
func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// edge is how much earlier than it must a query may come to the end of what Atlassian keeps: it
// takes a while to arrive.
const edge = time.Minute

// kept returns the beginning of a query: the time that is wanted or, if Atlassian keeps no events
// of that time, the oldest that it keeps. An older one may be refused.
func (c *Client) kept(from time.Time) time.Time {
	return timerange.Later(from, c.api.Now().Add(edge-Retention))
}

// read reads the events of an answer.
func (c *Client) read(a *atlassian.Answer) (page atlassian.Page, err error) {
	body := bytes.TrimPrefix(a.Body, []byte("\xef\xbb\xbf"))
	if page, err = c.parse(body); err != nil {
		if body, deep := shallow(body); deep {
			page, err = c.parse(body)
		}
	}
	if err != nil {
		return atlassian.Page{}, c.api.NotList(a, err)
	}
	if len(page.Next) > maxCursor {
		page.Next = "" // as if there were none: the time tells where to go on
	}
	return page, nil
}

// parse reads the events of a body, but for those that are left out.
func (c *Client) parse(body []byte) (page atlassian.Page, err error) {
	ends, problem := ends{}, errNoList
	err = atlassian.EachMember(body, func(name string, value jsontext.Value) {
		if name == "data" && value.Kind() == '[' {
			problem = list(value, func(raw jsontext.Value) { c.add(&page, raw) })
		}
		ends.read(name, value)
	})
	page.Next = ends.cursor()
	return page, cmp.Or(err, problem)
}

// add appends an event to a page, unless it is left out.
func (c *Client) add(page *atlassian.Page, raw jsontext.Value) {
	e, action := readEvent(raw)
	page.Listed++
	if !e.Processed.IsZero() {
		page.Processed = e.Processed
	}
	if !c.skip || !Mirrored(action) {
		page.Events = append(page.Events, e)
	}
}

// readEvent reads what of an event decides where it belongs.
func readEvent(raw jsontext.Value) (e atlassian.Event, action string) {
	e.Raw = bytes.Clone(raw)
	_ = atlassian.EachMember(e.Raw, func(name string, value jsontext.Value) {
		if name != "attributes" {
			return
		}
		_ = atlassian.EachMember(value, func(name string, value jsontext.Value) {
			switch name {
			case "time":
				e.Time = atlassian.ParseTime(value)
			case "processedAt":
				e.Processed = atlassian.ParseTime(value)
			case "action":
				action = atlassian.Unquote(value)
			}
		})
	})
	if e.Processed.IsZero() {
		e.Processed = e.Time // no event is processed before its time
	}
	return e, action
}

// Mirrored reports whether an event with an action is one that Confluence or Jira has in its own
// audit log too. There it says more: the organization's has the product as its actor, and no
// address. What other products write is nowhere else.
func Mirrored(action string) bool {
	return strings.HasPrefix(action, "confluence_audit_record_") || strings.HasPrefix(action, "jira_audit_record_")
}

// errNoList is wrapped by the error of an answer that is JSON, but has no list of events.
var errNoList = errors.New("no list of events")

// mayBeCursor reports whether an error may be about the cursor of a request: the server has refused
// the request, and it is neither a fault that passes by itself nor about the credential. An answer
// that cannot be read is as bad after a new beginning.
func mayBeCursor(err error) bool {
	e, ok := errors.AsType[*atlassian.Error](err)
	switch {
	case !ok || errors.Is(err, atlassian.ErrCursor) || e.Temporary():
		return false
	case e.Status == http.StatusOK:
		return errors.Is(err, errNoList)
	}
	return e.Status != 0 && e.Status != http.StatusUnauthorized && e.Status != http.StatusProxyAuthRequired
}

// forCursor reports whether an answer to a request with a cursor is about the cursor. The statuses
// are not documented.
func forCursor(a *atlassian.Answer) bool {
	switch a.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	case http.StatusNotFound:
		return strings.Contains(strings.ToLower(string(a.Body)), "cursor")
	}
	return false
}
