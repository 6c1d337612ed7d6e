package confluence

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/go-json-experiment/json/jsontext"
)

// searchAction is the key of the record that Data Center writes whenever somebody reads the audit
// log.
const searchAction = "atlassian.audit.event.action.audit.search"

// user is who a Data Center takes us for. It is zero when it does not tell.
//
// Records of reads by this user are left out, those of others never are: who else looks into the
// audit log matters to security. That is why an account of its own is advised: nobody can then hide
// among our reads. When the user cannot be known, all such records are kept.
type user struct {
	key  string // author.id of audit records
	name string
	told bool // when asked; not taken from the options or another answer
}

// whoAmI asks Data Center who it takes us for. A server that takes us for nobody is an error: it
// would go on to answer with empty pages.
func (c *Client) whoAmI(ctx context.Context, ep endpoint) (user, error) {
	a, err := c.api.Get(ctx, ep.root+"/rest/api/user/current", nil)
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
			case "userKey":
				me.key = atlassian.Unquote(value)
			case "username":
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

// stillKnown looks behind an empty log of a Data Center: a personal access token that has expired
// makes us anonymous without any error.
func (c *Client) stillKnown(ctx context.Context, ep endpoint) error {
	if !ep.self.told {
		return nil
	}
	me, err := c.whoAmI(ctx, ep)
	if err == nil && me != ep.self {
		return atlassian.Fail(atlassian.CauseAnonymous, nil, "%s no longer knows who we are, and shows an empty audit log", c.api.Host)
	}
	return err
}

// searched tells whether a record is about a read of the audit log by this user.
func (u user) searched(r atlassian.Record) bool {
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
	// The author's uri ends in ?username=….
	link, err := url.Parse(uri)
	return err == nil && u.name != "" && link.Query().Get("username") == u.name
}
