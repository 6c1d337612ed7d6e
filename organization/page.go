package organization

import (
	"bytes"
	"context"
	"errors"
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
		query.Set("from", stamp(from))
	}
	page, err := c.ask(ctx, query, 0)
	return page, c.api.Told(err)
}

// stamp writes a time for a query. A time without a zone has been seen to give nothing in another
// API of Atlassian.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ask asks for a page, of limit events at most if that is not 0. If a page is too large or takes too
// long, it asks for fewer events.
func (c *Client) ask(ctx context.Context, query url.Values, limit int) (atlassian.Page, error) {
	id, err := c.organization(ctx)
	if err != nil {
		return atlassian.Page{}, err
	}
	if limit > 0 { // so few that their number is no cause of a failure
		return c.fetch(ctx, id, query, min(c.size.Of(c.most), limit))
	}
	for tries := 0; ; {
		asked := c.size.Of(c.most)
		page, err := c.fetch(ctx, id, query, asked)
		if err == nil || !c.size.Smaller(c.api, err, asked, 1, &tries) {
			return page, err
		}
	}
}

// fetch asks for a page of so many events.
func (c *Client) fetch(ctx context.Context, id string, query url.Values, asked int) (atlassian.Page, error) {
	query.Set("limit", strconv.Itoa(asked))
	a, err := c.api.Get(ctx, c.root(id)+"/events-stream?"+query.Encode(), new(bytes.Buffer))
	if err != nil {
		return atlassian.Page{}, err
	}
	if err := c.judge(a, query.Has("cursor")); err != nil {
		if e, ok := errors.AsType[*atlassian.Error](err); ok {
			e.Took = a.Took
		}
		return atlassian.Page{}, err
	}
	c.api.Auth.Accept(a.Sent)
	switch {
	case a.Cut && asked == 1:
		return atlassian.Page{}, c.api.Refused(a, atlassian.CauseTooLarge, "%s sends an event of more than %d MiB", a.URL.Host, atlassian.MaxPage>>20).
			WithRemedy("no event may be larger than that; please report this one")
	case a.Cut:
		return atlassian.Page{}, atlassian.Fail(atlassian.CauseTooLarge, atlassian.ErrTooLarge, "%s sends a page of more than %d MiB", a.URL.Host, atlassian.MaxPage>>20)
	}
	page, err := c.read(a)
	if err == nil {
		c.size.Fits(c.api, a, asked, page.Listed)
	}
	return page, err
}

// read reads the events of an answer.
func (c *Client) read(a *atlassian.Answer) (page atlassian.Page, err error) {
	listed := false
	err = atlassian.EachMember(a.Body, func(name string, value jsontext.Value) {
		switch name {
		case "data":
			listed = value.Kind() == '['
			c.events(&page, value)
		case "meta":
			_ = atlassian.EachMember(value, func(name string, value jsontext.Value) {
				if name == "next" {
					page.Next = atlassian.Unquote(value)
				}
			})
		}
	})
	if err == nil && !listed {
		err = errors.New("no list of events")
	}
	if err != nil {
		return atlassian.Page{}, c.api.NotList(a, err)
	}
	if len(page.Next) > maxCursor {
		page.Next = "" // as if there were none: the time tells where to go on
	}
	return page, nil
}

// events appends the events of a list to a page, but for those that are left out.
func (c *Client) events(page *atlassian.Page, list jsontext.Value) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(list), atlassian.Lenient...)
	if _, err := dec.ReadToken(); err != nil {
		return
	}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return // EachMember has read it, so this does not happen
		}
		e, action := readEvent(raw)
		page.Listed++
		page.Processed = timerange.Later(page.Processed, e.Processed)
		if !c.skip || !Mirrored(action) {
			page.Events = append(page.Events, e)
		}
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
				e.Time = readTime(value)
			case "processedAt":
				e.Processed = readTime(value)
			case "action":
				action = atlassian.Unquote(value)
			}
		})
	})
	return e, action
}

func readTime(value jsontext.Value) time.Time {
	t, err := time.Parse(time.RFC3339Nano, atlassian.Unquote(value))
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// Mirrored reports whether an event with an action is one that Confluence or Jira has in its own
// audit log too. There it says more: the organization's has the product as its actor, and no
// address. What other products write is nowhere else.
func Mirrored(action string) bool {
	return strings.HasPrefix(action, "confluence_audit_record_") || strings.HasPrefix(action, "jira_audit_record_")
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
