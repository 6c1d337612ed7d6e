package organization

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"
)

// Connect returns which organization is read. Without OrgID it asks the key which ones it lists,
// until there was an answer with exactly one.
func (c *Client) Connect(ctx context.Context) (site.Site, error) {
	if _, err := c.organization(ctx); err != nil {
		return site.Site{}, c.api.Told(err)
	}
	return c.Site(), nil
}

// organization returns the id of the organization.
func (c *Client) organization(ctx context.Context) (string, error) {
	if id := c.Site().OrgID; id != "" {
		return id, nil
	}
	c.asking.Lock()
	defer c.asking.Unlock()
	if id := c.Site().OrgID; id != "" {
		return id, nil
	}
	ids, err := c.listed(ctx)
	switch {
	case err != nil:
		return "", err
	case len(ids) == 0:
		return "", c.api.Fail(atlassian.CauseOrgID, nil, "the API key lists no organization, and org_id is not set")
	case len(ids) > 1:
		return "", c.api.Fail(atlassian.CauseOrgID, nil, "the API key lists %d organizations, and org_id is not set", len(ids)).
			WithRemedy("set org_id to one of " + c.api.Quote(strings.Join(ids, ", "), 400) + "; each organization needs an input of its own")
	}
	c.mu.Lock()
	c.id = ids[0]
	c.mu.Unlock()
	return ids[0], nil
}

// listed returns the ids of the organizations that the key lists.
func (c *Client) listed(ctx context.Context) (ids []string, err error) {
	err = c.list(ctx, c.api.Base.String()+"/admin/v1/orgs", func(one jsontext.Value) {
		_ = atlassian.EachMember(one, func(name string, value jsontext.Value) {
			if id := atlassian.Unquote(value); name == "id" && atlassian.IsCloudID(id) {
				ids = append(ids, id)
			}
		})
	})
	return ids, err
}

// maxPages bounds how many pages of a list are read.
const maxPages = 20

// list calls f for each element of the list at an address, which may have several pages.
func (c *Client) list(ctx context.Context, address string, f func(jsontext.Value)) error {
	cursor := ""
	for range maxPages {
		query := ""
		if cursor != "" {
			query = "?" + url.Values{"cursor": {cursor}}.Encode()
		}
		a, err := c.api.Get(ctx, address+query, nil)
		if err != nil {
			return err
		}
		if err := c.judge(a, false); err != nil {
			return err
		}
		listed, any, ends := false, false, ends{}
		err = atlassian.EachMember(a.Body, func(name string, value jsontext.Value) {
			if name == "data" {
				listed = atlassian.EachElement(value, func(one jsontext.Value) { any = true; f(one) }) == nil
			}
			ends.read(name, value)
		})
		if err == nil && !listed {
			err = errors.New("no list")
		}
		if err != nil {
			return c.api.NotList(a, err)
		}
		next := ends.cursor()
		if next == "" || next == cursor || !any {
			return nil
		}
		cursor = next
	}
	return nil
}

// Expires returns when the API key expires, zero if that cannot be told: few keys may ask, and the
// answer does not say which key has asked. So one key must stand out: the only one that may read
// events and has not expired. Source:
// https://developer.atlassian.com/cloud/admin/api-access/rest/api-group-api-key/
func (c *Client) Expires(ctx context.Context) (time.Time, error) {
	id, err := c.organization(ctx)
	if err != nil {
		return time.Time{}, c.api.Told(err)
	}
	var found []time.Time
	err = c.list(atlassian.Aside(ctx), c.api.Base.String()+"/admin/api-access/v1/orgs/"+id+"/api-keys", func(one jsontext.Value) {
		if expires, reads := readKey(one); reads && expires.After(c.Now()) {
			found = append(found, expires)
		}
	})
	if err != nil || len(found) != 1 {
		return time.Time{}, c.api.Told(err)
	}
	return found[0], nil
}

// readKey reads one element of the list of keys: when it expires, and whether it may read events. A
// key without scopes may.
func readKey(one jsontext.Value) (expires time.Time, reads bool) {
	scopes := ""
	_ = atlassian.EachMember(one, func(name string, value jsontext.Value) {
		switch name {
		case "expiresAt":
			expires = atlassian.ParseTime(value)
		case "scopes":
			scopes = string(value)
		}
	})
	return expires, !strings.Contains(scopes, `"`) || strings.Contains(scopes, "read:events:admin")
}
