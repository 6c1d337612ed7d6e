package simulate

import (
	"fmt"
	"strings"
)

// jiraUser returns the author that Jira Data Center writes. Its id is the number, not the key of the
// user.
func jiraUser(base, user, id string) dcAuthor {
	return dcAuthor{Name: user, Type: "ApplicationUser", ID: id, URI: base + "/secure/ViewProfile.jspa?name=" + user}
}

// jiraCenterDialect returns Jira's dialect of /rest/auditing/1.0/events of the instance with this
// base URL, in English or in another language. The people are those of Confluence.
func jiraCenterDialect(base string, foreign, ordinary bool) *dialect {
	d := &dialect{time: isoTime}
	strangers := jiraStrangers
	for i, p := range people {
		id, events := fmt.Sprint(10000+i), append([]dcEvent{}, jiraCenterCatalogue...)
		author, method := jiraUser(base, p.user, id), "Browser"
		if i == 0 {
			author, method = dcAuthor{Name: "System", Type: "user", ID: "-1"}, "System"
		} else {
			events = append(events, jiraSessions(jiraPersonAsObject(base, p, id))...)
		}
		if ordinary {
			events = jiraCenterOrdinary(roleOf(i), jiraPersonAsObject(base, p, id))
		}
		d.people = append(d.people, jiraCenterPerson(base, i, p.address, p.end, method, author, events, foreign))
	}
	if ordinary {
		strangers = ordinaryJiraStrangers(jiraPersonAsObject(base, people[2], "10002"))
	}
	d.people = append(d.people, jiraCenterPerson(base, 0, "203.0.113.66", "", "Browser", nobody, strangers, foreign))
	return d
}

// jiraPersonAsObject returns a person as the object of a record, whose id is the key of the user.
func jiraPersonAsObject(base string, p human, id string) dcObject {
	return dcObject{Name: p.user, Type: "USER", ID: "JIRAUSER" + id, URI: jiraUser(base, p.user, id).URI}
}

// jiraCenterPerson returns a person who reaches one of two nodes, or a server that names no node.
// Addresses of proxies follow the client's after a comma, and one stands in an attribute too.
func jiraCenterPerson(base string, i int, address, end, method string, author dcAuthor, events []dcEvent, foreign bool) person {
	address = strings.ReplaceAll(address, ", ", ",")
	_, proxy, behind := strings.Cut(address, ",")
	node := fmt.Sprintf(`,"node":"node-%d"`, i%3)
	if i%3 == 0 {
		node = ""
	}
	var own []dcEvent
	for _, e := range events {
		e.ExtraAttributes = append([]dcAttribute{}, e.ExtraAttributes...)
		if behind {
			e.ExtraAttributes = append(e.ExtraAttributes, dcAttribute{"atlassian.audit.event.attribute.forwarder", "Load balancer/proxy IP address", proxy})
		}
		own = append(own, e)
	}
	return person{
		before:    []byte(`{"timestamp":"`),
		after:     fmt.Appendf(nil, `","author":%s,`, mustJSON(author)),
		end:       fmt.Appendf(nil, `,"method":"%s"%s,"source":"%s","system":%s%s}`, method, node, address, quote(base), end),
		templates: dcTemplates(own, foreign),
	}
}
