package simulate

import (
	"fmt"
	"slices"
	"strings"
)

// jiraEvent is a record of Jira's /auditing/record without id, author and time.
type jiraEvent struct {
	Summary         string       `json:"summary"`
	Category        string       `json:"category"`
	EventSource     string       `json:"eventSource"`
	Description     string       `json:"description,omitempty"`
	ObjectItem      jiraItem     `json:"objectItem"`
	ChangedValues   []jiraChange `json:"changedValues,omitempty"`
	AssociatedItems []jiraItem   `json:"associatedItems,omitempty"`
}

// jiraItem is an object. A group has no id, the id of a workflow is its name, and id and name of a
// user are both the user's key.
type jiraItem struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name"`
	TypeName   string `json:"typeName"`
	ParentID   string `json:"parentId,omitempty"`
	ParentName string `json:"parentName,omitempty"`
}

// jiraChange is a changed value. Nil is no member: there was no value before. "" is a value that
// was emptied.
type jiraChange struct {
	Field string `json:"fieldName"`
	From  any    `json:"changedFrom,omitempty"`
	To    any    `json:"changedTo,omitempty"`
}

// jiraAuthor is who did it, and from where. Actions of the system and of an identity provider have
// neither.
type jiraAuthor struct {
	RemoteAddress   string `json:"remoteAddress,omitempty"`
	AuthorKey       string `json:"authorKey,omitempty"`
	AuthorAccountID string `json:"authorAccountId,omitempty"`
	Created         string `json:"created"`
}

// jiraDialect returns the dialect of /auditing/record: of Jira Cloud or, with legacy set, of old
// servers. The people are those of Confluence.
func jiraDialect(legacy, ordinary bool) *dialect {
	d := &dialect{time: jiraTime, numbered: true}
	if legacy {
		d.time = isoTime
	}
	work, system := jiraTemplates(jiraCatalogue), jiraTemplates(jiraSystemCatalogue)
	for i, p := range people {
		author, templates := jiraAuthorOf(p, i, legacy), slices.Concat(work, system)
		switch {
		case ordinary:
			templates = jiraTemplates(jiraOrdinary[roleOf(i)])
		case i == 0:
			templates = system
		}
		if i == 0 {
			author = jiraAuthor{}
		}
		d.people = append(d.people, jiraPerson(author, p.end, templates))
	}
	// A portal customer is no author, but has an address.
	d.people = append(d.people, jiraPerson(jiraAuthor{RemoteAddress: "203.0.113.66"}, "", jiraTemplates(jiraCustomerCatalogue)))
	return d
}

// jiraAuthorOf returns the author with this index. Of addresses of proxies, Jira has the last.
func jiraAuthorOf(p human, i int, legacy bool) jiraAuthor {
	addresses := strings.Split(p.address, ", ")
	author := jiraAuthor{RemoteAddress: addresses[len(addresses)-1], AuthorKey: fmt.Sprintf("ug:5f0c2b7e-91d4-4f38-8a6b-0000000000%02d", i), AuthorAccountID: p.account}
	if legacy {
		author.AuthorKey, author.AuthorAccountID = p.user, ""
	}
	return author
}

func jiraPerson(author jiraAuthor, end string, templates []template) person {
	before, _ := strings.CutSuffix(string(mustJSON(author)), `"}`)
	return person{before: []byte(before), after: []byte(`",`), end: []byte(end + "}"), templates: templates}
}

func jiraTemplates(events []jiraEvent) (templates []template) {
	for _, e := range events {
		templates = append(templates, newTemplate(members(e)))
	}
	return templates
}
