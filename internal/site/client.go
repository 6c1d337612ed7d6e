package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
	"fluent-bit-confluence/internal/timerange"
)

// Site is what Connect found.
type Site struct {
	Product string // Product.Key
	// api_url in canonical form: scheme and host in lower case, no default port, no trailing / or
	// Product.Path
	URL        string
	Deployment atlassian.Deployment // cloud or datacenter
	Route      atlassian.Route      // site or gateway; always site on Data Center
	CloudID    string               // Cloud only, empty if unknown
	OrgID      string               // of an organization
	// "audit" (Cloud), "auditing" (Data Center), "legacy" (Server before Product.Since) or
	// "events-stream" (an organization)
	API string
}

// Log names the audit log of the site, as its state does: by its address, and by the product before
// that. Confluence has no name there, because its state files are older than the second product.
func (s Site) Log() string {
	if s.Product == "confluence" {
		return s.URL
	}
	return s.Product + " " + s.URL
}

// Client reads the audit log of one product at one site. It is safe for concurrent use. All its
// callers share one rate limit.
type Client struct {
	product *Product
	api     *atlassian.Client
	written string // api_url as it was written, which may end with Product.Path

	connecting chan struct{} // a lock that gives up with a context: who has put the one token in, holds it
	mu         sync.Mutex
	found      endpoint
	connected  bool
	worked     string // API that records were read from, now or in an earlier run

	log *paging.Log
}

// New checks the options. It sends no request. The error has one line per mistake.
func New(product *Product, opts atlassian.Options) (*Client, error) {
	opts.Remedies, opts.PagePath = product.Remedies, product.Path
	if address, err := url.Parse(strings.TrimSpace(opts.APIURL)); product.Context && err == nil && !atlassian.IsCloud(address.Hostname()) {
		opts.PagePath = ""
	}
	conn, err := atlassian.New(opts)
	if err != nil {
		return nil, err
	}
	written := conn.Base.String()
	if path := opts.PagePath; strings.HasSuffix(strings.TrimRight(strings.TrimSpace(opts.APIURL), "/"), path) {
		written += path
	}
	return &Client{
		product:    product,
		api:        conn,
		log:        paging.New(conn),
		written:    written,
		connecting: make(chan struct{}, 1),
		found:      endpoint{site: Site{Product: product.Key, URL: conn.Base.String()}},
	}, nil
}

// Now returns the time at the site, see [atlassian.Client.Now].
func (c *Client) Now() time.Time { return c.api.Now() }

// Waited returns how long requests have waited, see [atlassian.Client.Waited].
func (c *Client) Waited() time.Duration { return c.api.Waited() }

// Slowed returns how often the site has asked us to slow down, see [atlassian.Client.Slowed].
func (c *Client) Slowed() int64 { return c.api.Slowed() }

// Requests returns the number of requests of a status class, see [atlassian.Client.Requests].
func (c *Client) Requests(class string) int64 { return c.api.Requests(class) }

// SecretChanged reports whether a file with a secret has changed, see
// [atlassian.Client.SecretChanged].
func (c *Client) SecretChanged() bool { return c.api.SecretChanged() }

// Site returns what Connect found last. URL is always set, the other fields after Connect has
// succeeded.
func (c *Client) Site() Site {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found.site
}

// Read calls yield for every record with from <= time <= to, in whole milliseconds, newest first,
// as the server lists them. It also yields the records listed there whose time cannot be read or
// does not match their place in the list, because no other window would show them. A zero from
// means everything the site has, a zero to means now.
//
// If Read returns an error, including yield's, the records yielded are incomplete and must not
// count as read. If records arrived or were deleted in the part already read, the error wraps
// [atlassian.ErrMoved]. A refusal of the server is an [*atlassian.Error].
//
// The Raw of a record is valid until yield returns: its memory is used again for the next page.
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
	err = c.log.Walk(ctx, c.listing(ep), from, to, c.api.Options.PageSize, yield)
	return c.api.Told(c.reconsider(err))
}

// errStop ends a walk early.
var errStop = errors.New("stop")

// Newest returns the newest record of the log, false if the log is empty. It leaves out records of
// our own searches.
func (c *Client) Newest(ctx context.Context) (atlassian.Record, bool, error) {
	ep, err := c.connect(ctx)
	if err != nil {
		return atlassian.Record{}, false, c.api.Told(err)
	}
	var newest atlassian.Record
	limit := 1
	if ep.site.API == apiAuditing {
		limit = 100 // on Data Center our own searches are the newest records
	}
	err = c.log.Walk(ctx, c.listing(ep), time.Time{}, time.Time{}, limit, func(r atlassian.Record) error {
		newest = atlassian.Record{Time: r.Time, Raw: bytes.Clone(r.Raw)}
		return errStop
	})
	if errors.Is(err, errStop) {
		return newest, true, nil
	}
	return atlassian.Record{}, false, c.api.Told(c.reconsider(err))
}

// Changed returns the parts of from..to, oldest first, that may have changed since this client last
// read them whole: about a page each, or all of a part that was never read whole. None means that a
// Read of from..to would yield the same records as earlier ones.
func (c *Client) Changed(ctx context.Context, from, to time.Time) ([]timerange.Range, error) {
	ep, err := c.connect(ctx)
	if err != nil {
		return nil, c.api.Told(err)
	}
	if from.After(to) {
		return nil, nil
	}
	changed, err := c.log.Changed(ctx, c.listing(ep), from, to)
	return changed, c.api.Told(c.reconsider(err))
}

// PassedOver returns how many listed records Read has not yielded, because their time was outside
// the window.
func (c *Client) PassedOver() int64 { return c.log.PassedOver() }

// Retention returns how long the site keeps records. It is 0 if that is unknown, as on Data Center,
// or if they are kept for ever.
func (c *Client) Retention(ctx context.Context) (time.Duration, error) {
	keep, err := c.retention(ctx)
	return keep, c.api.Told(err)
}

func (c *Client) retention(ctx context.Context) (time.Duration, error) {
	ep, err := c.connect(ctx)
	if err != nil || ep.site.API == apiAuditing || c.product.Retention == "" {
		return 0, err
	}
	a, err := c.api.Get(ctx, ep.list+c.product.Retention, nil)
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
