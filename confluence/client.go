package confluence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
)

// Site is what Connect found.
type Site struct {
	// canonical api_url: lower-case scheme and host, no default port, no trailing / or /wiki
	URL        string
	Deployment atlassian.Deployment // cloud or datacenter
	Route      atlassian.Route      // site or gateway; always site on Data Center
	CloudID    string               // Cloud only, empty if the site does not tell
	API        string               // "audit" (Cloud), "auditing" (Data Center), "legacy" (Server before 7.5)
}

// Client reads the audit log of one Confluence. It is safe for concurrent use; all its callers
// share one pace.
type Client struct {
	api *atlassian.Client
	// api_url was given with /wiki: Cloud's own path, or the context path of a Data Center
	wiki bool

	connecting chan struct{} // holds one token; held while the way to the API is sought
	mu         sync.Mutex
	found      endpoint
	connected  bool
	worked     string // the API that records were read from, now or by an earlier run

	log *paging.Log
}

// New checks the options and touches no network. The error holds one line per mistake.
func New(opts atlassian.Options) (*Client, error) {
	wiki := strings.HasSuffix(strings.TrimRight(strings.TrimSpace(opts.APIURL), "/"), "/wiki")
	conn, err := atlassian.New(opts)
	if err != nil {
		return nil, err
	}
	return &Client{
		api:        conn,
		log:        paging.New(conn),
		wiki:       wiki,
		connecting: make(chan struct{}, 1),
		found:      endpoint{site: Site{URL: conn.Base.String()}},
	}, nil
}

// Now is the site's clock, see [atlassian.Client.Now].
func (c *Client) Now() time.Time { return c.api.Now() }

// Waited is how long requests have waited, see [atlassian.Client.Waited].
func (c *Client) Waited() time.Duration { return c.api.Waited() }

// Requests counts requests by the class of their status, see [atlassian.Client.Requests].
func (c *Client) Requests(class string) int64 { return c.api.Requests(class) }

// SecretChanged tells whether a file with a secret has changed, see
// [atlassian.Client.SecretChanged].
func (c *Client) SecretChanged() bool { return c.api.SecretChanged() }

// Site returns what Connect found last. URL is always set, the rest once Connect has succeeded.
func (c *Client) Site() Site {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found.site
}

// Read gives yield every record with from <= time <= to, both inclusive and in whole milliseconds,
// and every record of the pages read whose time cannot be read, or lies in the future and not where
// it is listed; newest first, as the server lists them. A zero from means as far back as the site
// goes, a zero to means now.
//
// Any error, yield's included, means that the window is incomplete and that nothing of it may
// count: pages are verified against records that arrive or go away meanwhile, and the error is
// [ErrMoved] if they did. A server's refusal is an [*Error].
//
// The Raw of a record is valid until yield returns: the next page is read into its memory.
func (c *Client) Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	ep, err := c.connect(ctx)
	if err != nil {
		return c.api.Told(err)
	}
	if to.IsZero() {
		to = c.api.Now()
	}
	if from.After(to) {
		return nil
	}
	err = c.log.Walk(ctx, c.Listing(ep), from, to, c.api.Options.PageSize, yield)
	return c.api.Told(c.reconsider(err))
}

// errStop ends a walk early.
var errStop = errors.New("stop")

// Newest returns the newest record there is, our own searches left out; false when the log is
// empty.
func (c *Client) Newest(ctx context.Context) (atlassian.Record, bool, error) {
	ep, err := c.connect(ctx)
	if err != nil {
		return atlassian.Record{}, false, c.api.Told(err)
	}
	var newest atlassian.Record
	limit := 1
	if ep.site.API == apiAuditing {
		limit = 100 // our own searches are the newest records there
	}
	err = c.log.Walk(ctx, c.Listing(ep), time.Time{}, time.Time{}, limit, func(r atlassian.Record) error {
		newest = atlassian.Record{Time: r.Time, Raw: bytes.Clone(r.Raw)}
		return errStop
	})
	if errors.Is(err, errStop) {
		return newest, true, nil
	}
	return atlassian.Record{}, false, c.api.Told(c.reconsider(err))
}

// Changed returns the spans of from..to, oldest first, that may hold other records than when this
// client last read them whole: about a page each, or all of what it has never read whole. None
// means that a Read of from..to would yield what earlier ones have.
func (c *Client) Changed(ctx context.Context, from, to time.Time) ([]atlassian.Span, error) {
	ep, err := c.connect(ctx)
	if err != nil {
		return nil, c.api.Told(err)
	}
	if from.After(to) {
		return nil, nil
	}
	changed, err := c.log.Changed(ctx, c.Listing(ep), from, to)
	return changed, c.api.Told(c.reconsider(err))
}

// PassedOver is how many records the site has listed that Read has not given to anybody, because
// their time is not in the window asked for.
func (c *Client) PassedOver() int64 { return c.log.PassedOver() }

// Retention tells how far back the site keeps records; 0 when it does not say, as Data Center, and
// when it keeps them for ever.
func (c *Client) Retention(ctx context.Context) (time.Duration, error) {
	keep, err := c.retention(ctx)
	return keep, c.api.Told(err)
}

func (c *Client) retention(ctx context.Context) (time.Duration, error) {
	ep, err := c.connect(ctx)
	if err != nil || ep.site.API == apiAuditing {
		return 0, err
	}
	a, err := c.api.Get(ctx, ep.listURL()+"/retention", nil)
	if err != nil {
		return 0, err
	}
	if a.Status != http.StatusOK {
		if a.Status >= 400 && a.Status < 500 && a.Status != http.StatusTooManyRequests {
			return 0, nil
		}
		return 0, c.judge(ep, a)
	}
	retention, err := parseRetention(a.Body)
	if err != nil {
		return 0, fmt.Errorf("read retention: %w", c.api.NotList(a, err))
	}
	return retention, nil
}
