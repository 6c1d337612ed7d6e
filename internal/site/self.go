package site

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/go-json-experiment/json/jsontext"
)

// searchAction is the key of the record that Data Center writes when somebody reads the audit log.
const searchAction = "atlassian.audit.event.action.audit.search"

// user is our user on a Data Center. It is zero if unknown.
//
// Records of reads by this user are left out. Those of other users are always delivered, because
// reading the audit log is relevant to security. So the plugin should have its own account:
// otherwise the reads of another person with that account are left out too. If the user is unknown,
// all such records are kept.
type user struct {
	key  string // author.id of audit records
	name string
	told bool // the server told it when asked; not from the options or another answer
}

// whoAmI asks Data Center for our user. If we are anonymous, it returns an error: the server would
// answer with empty pages.
func (c *Client) whoAmI(ctx context.Context, ep endpoint) (user, error) {
	a, err := c.api.Get(ctx, ep.root+c.product.Self.Path, nil)
	if err != nil {
		return user{}, err
	}
	if a.Status == http.StatusUnauthorized || a.FailedLogin() != "" {
		return user{}, c.judge(ep, a)
	}
	if a.Status == http.StatusTooManyRequests || a.Status >= 500 {
		return user{}, c.api.JudgeCommon(a)
	}
	me := user{name: atlassian.UserNamed(a)}
	if a.Status == http.StatusOK && !a.IsHTML() {
		kind := ""
		_ = atlassian.EachMember(a.Body, func(name string, value jsontext.Value) {
			switch name {
			case "type":
				kind = atlassian.Unquote(value)
			case c.product.Self.Key:
				me.key = atlassian.Unquote(value)
			case c.product.Self.Name:
				me.name = atlassian.Unquote(value)
			}
		})
		if kind == atlassian.Nobody {
			me.name = atlassian.Nobody
		}
	}
	if me.name == atlassian.Nobody {
		return user{}, c.anonymous(a)
	}
	me.told = me != user{}
	if !me.told && !c.api.Options.PersonalAccessToken.IsSet() {
		me.name = c.api.Options.UserIdentifier
	}
	return me, nil
}

func (c *Client) anonymous(a *atlassian.Answer) error {
	return c.api.Refused(a, atlassian.CauseAnonymous, "%s answers as if nobody had logged in", a.URL.Host)
}

// stillKnown checks an empty log of a Data Center: if the personal access token has expired, we are
// anonymous and the server returns no error.
func (c *Client) stillKnown(ctx context.Context, ep endpoint) error {
	if !ep.self.told {
		return nil
	}
	me, err := c.whoAmI(ctx, ep)
	if err == nil && me != ep.self {
		return c.api.Fail(atlassian.CauseAnonymous, nil, "%s no longer knows who we are, and shows an empty audit log", c.api.Host)
	}
	return err
}

// searched reports whether a record is about a read of the audit log by this user. The link to its
// author has the user name in the parameter param.
func (u user) searched(r atlassian.Record, param string) bool {
	if u == (user{}) || !bytes.Contains(r.Raw, []byte(searchAction)) {
		return false
	}
	var action, key, uri string
	_ = atlassian.EachMember(r.Raw, func(name string, value jsontext.Value) {
		switch name {
		case "type":
			_ = atlassian.EachMember(value, func(name string, value jsontext.Value) {
				if name == "actionI18nKey" {
					action = atlassian.Unquote(value)
				}
			})
		case "author":
			_ = atlassian.EachMember(value, func(name string, value jsontext.Value) {
				switch name {
				case "id":
					key = atlassian.Unquote(value)
				case "uri":
					uri = atlassian.Unquote(value)
				}
			})
		}
	})
	if action != searchAction {
		return false
	}
	if u.key != "" && key != "" {
		return key == u.key
	}
	link, err := url.Parse(uri)
	return err == nil && u.name != "" && link.Query().Get(param) == u.name
}
