package organization

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"fluent-bit-confluence/internal/atlassian"
)

// usualPage is how many events a page has if a query does not say. It is what clients ask for that
// do not rely on more.
const usualPage = 200

// ask asks for a page, of limit events at most if that is not 0. If a page is too large or takes too
// long, or so many events are refused, it asks for fewer.
func (c *Client) ask(ctx context.Context, query url.Values, limit int) (atlassian.Page, error) {
	id, err := c.organization(ctx)
	if err != nil {
		return atlassian.Page{}, err
	}
	most, granted := c.asks()
	if limit > 0 { // so few that their number is no cause of a failure
		return c.fetch(ctx, id, query, min(c.size.Of(most), limit))
	}
	for tries := 0; ; {
		asked := c.size.Of(most)
		page, err := c.fetch(ctx, id, query, asked)
		switch {
		case err == nil:
			c.grant(asked)
			return page, nil
		case c.size.Smaller(c.api, err, asked, 1, &tries):
		case granted || asked <= usualPage || query.Has("cursor") || statusOf(err) != http.StatusBadRequest:
			return page, err
		default:
			// Without a cursor, which is what else may be refused, it may be the number.
			if page, again := c.fetch(ctx, id, query, usualPage); again == nil {
				c.limit(usualPage)
				return page, nil
			}
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

// statusOf returns the status of the answer that an error is about, 0 without one.
func statusOf(err error) int {
	e, ok := errors.AsType[*atlassian.Error](err)
	if !ok {
		return 0
	}
	return e.Status
}

// asks returns how many events to ask for at once, and whether more than usualPage have come.
func (c *Client) asks() (most int, granted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most, c.granted
}

// grant notes that a page of so many events has come.
func (c *Client) grant(asked int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.granted = c.granted || asked > usualPage
}

// limit makes pages have at most so many events.
func (c *Client) limit(most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = min(c.most, most)
}
