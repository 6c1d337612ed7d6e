package organization

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
)

// An Action is what Atlassian calls an action, in a language that it chooses.
type Action struct {
	ID          string // as in events
	Name, Group string // for people; the group may be empty
}

// Limits of what Actions returns. Atlassian's page about the audit log names some hundreds.
const (
	maxActions    = 4000
	maxActionText = 200 // bytes of each text
)

// Actions asks for the names of the actions that events may have. Nothing waits for it: after a
// refusal, events are read as before. Source:
// https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/
//
// The list has at most 4,000 actions, with texts of at most 200 bytes.
func (c *Client) Actions(ctx context.Context) (all []Action, err error) {
	id, err := c.organization(ctx)
	if err != nil {
		return nil, c.api.Told(err)
	}
	err = c.list(atlassian.Aside(ctx), c.root(id)+"/event-actions", func(one jsontext.Value) {
		if a := readAction(one); len(all) < maxActions && a.ID != "" && len(a.ID) <= maxActionText && a.Name != "" {
			all = append(all, a)
		}
	})
	if err != nil {
		return nil, c.api.Told(err)
	}
	return all, nil
}

// readAction reads one element of the list. An action is in one group, or in several.
func readAction(one jsontext.Value) (a Action) {
	_ = atlassian.EachMember(one, func(name string, value jsontext.Value) {
		switch name {
		case "id":
			a.ID = atlassian.Unquote(value)
		case "attributes":
			_ = atlassian.EachMember(value, func(name string, value jsontext.Value) {
				switch name {
				case "displayName":
					a.Name = short(atlassian.Unquote(value))
				case "groupDisplayName":
					a.Group = short(atlassian.Unquote(value))
				case "groupDisplayNames":
					if a.Group == "" {
						a.Group = short(firstOf(value))
					}
				}
			})
		}
	})
	return a
}

// firstOf returns the first text of a list.
func firstOf(list jsontext.Value) (first string) {
	_ = atlassian.EachElement(list, func(value jsontext.Value) {
		if first == "" {
			first = atlassian.Unquote(value)
		}
	})
	return first
}

// short cuts a text after maxActionText bytes, between two letters.
func short(text string) string {
	if text = strings.TrimSpace(text); len(text) <= maxActionText {
		return text
	}
	cut := maxActionText
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
