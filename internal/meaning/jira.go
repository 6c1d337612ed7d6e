package meaning

import (
	"bytes"

	"fluent-bit-confluence/internal/meaning/action"
)

// Jira is the profile of Jira. Its Data Center has the records of Confluence's, its Cloud has
// records of its own.
var Jira = &Profile{
	actions: action.Jira,
	site:    Field{Text: []byte("Jira")},

	member:       jiraMember,
	objectMember: jiraObjectMember,
	changeMember: jiraChangeMember,
	labels:       []string{"common.words.", "admin.common.words.", "common.concepts.", "admin.common.phrases."},
	username:     "name",

	complete:       completeJira,
	repeatsObjects: true,
	twoIDs:         true,

	person: personInJira,
	userOf: func(r *Reading, name Field) Party { return personInJira(r, &Entity{Name: name}) },
	ofPeople: func(r *Reading) bool {
		switch string(r.CategoryKey.Text) {
		case "jira.auditing.category.usermanagement", "jira.auditing.category.groupmanagement":
			return true
		}
		return equalFold(r.Category.Text, "user management") || equalFold(r.Category.Text, "group management")
	},
	active:  []string{"active.inactive", "active / inactive"},
	answers: activeOrNot,

	privileges:   []string{"permission"},
	everybody:    func(*Reading, *Entity) bool { return false }, // it stands in the changes
	findGrantees: findJiraGrantees,
	grantee:      jiraGrantee,
}

// jiraMember reads the members of Cloud, and one of the files of Data Center.
func jiraMember(r *Reading, name []byte, value uint32) {
	switch string(name) {
	case "id":
		if r.doc.Kind(value) == '0' && r.ID.Absent() {
			r.ID = Field{Text: r.doc.Text(value), Node: value}
		} else {
			r.takeNothing(value)
		}
	case "created":
		r.text(&r.Time, value)
	case "authorAccountId":
		r.text(&r.Actor.ID, value)
	case "authorKey":
		r.text(&r.Actor.UserKey, value)
	case "objectItem":
		r.container(&r.Affected, value)
	case "associatedItems":
		r.container(&r.Associated, value)
	case "auditType":
		r.readType(value)
	default:
		r.takeNothing(value)
	}
}

func jiraObjectMember(r *Reading, o *Entity, name []byte, value uint32) {
	if string(name) == "typeName" {
		r.text(&o.KindName, value)
	} else {
		r.takeNothing(value)
	}
}

func jiraChangeMember(r *Reading, c *Change, name []byte, value uint32) {
	switch string(name) {
	case "fieldName":
		r.text(&c.Name, value)
	case "changedFrom":
		r.text(&c.From, value)
	case "changedTo":
		r.text(&c.To, value)
	default:
		r.takeNothing(value)
	}
}

// completeJira makes an author of what the record has: on Cloud an account id and a key, or only
// one of the two; on Data Center the name is the user name.
func completeJira(r *Reading) {
	a := &r.Actor
	if a.Node == 0 {
		r.repeats(&a.UserKey, a.ID)
		if a.ID.Absent() {
			a.ID, a.UserKey = a.UserKey, Field{}
		}
		if !a.ID.Absent() {
			a.Kind = UserKind
		}
		return
	}
	if r.dataCenter && a.Username.Absent() {
		a.Username, a.Name = a.Name, Field{}
	}
}

// personInJira reads a user. On Cloud the name is the user key again, which is no name. On Data
// Center it is the user name, and the id is the user key.
func personInJira(r *Reading, o *Entity) Party {
	name := o.Name.Copied()
	p := Party{Kind: UserKind, ID: o.ID.Copied()}
	switch {
	case isUserKey(name.Text), !r.dataCenter && bytes.Equal(name.Text, p.ID.Text):
		p.ID = First(p.ID, name)
	case r.dataCenter:
		p.Username = name
	default:
		p.Name = name
	}
	if IsEmail(p.Username.Text) {
		p.Email = p.Username
	}
	return p
}

// isUserKey reports whether s is a key or an account id of Jira, by its form: ug: and a UUID, qm:
// and two UUIDs for a customer, JIRAUSER10000 on Data Center.
func isUserKey(s []byte) bool {
	if digits, ok := bytes.CutPrefix(s, []byte("JIRAUSER")); ok {
		return len(digits) > 0 && all(digits, isDigit)
	}
	return bytes.HasPrefix(s, []byte("ug:")) || bytes.HasPrefix(s, []byte("qm:")) || isAccountID(s)
}

// findJiraGrantees finds who got or lost a permission of a scheme: the changes name the kind of
// grantee and, if it is one of several, which one.
func findJiraGrantees(r *Reading) {
	kind, value := r.ChangeOf("type"), r.ChangeOf("value")
	if kind != nil && value != nil {
		switch who := kind.Latest().Text; {
		case equalFold(who, "group") && r.Group.Unknown():
			r.Group = groupOf(value.Latest())
		case (equalFold(who, "single user") || equalFold(who, "user")) && r.User.Unknown():
			r.User = personInJira(r, &Entity{Name: value.Latest()})
		}
	}
	if jiraGrantee(r) == action.Anonymous {
		r.User, r.Group = Party{Name: anonymous, Kind: AnonymousKind}, Party{}
	}
}

// jiraGrantee returns who got or lost a permission, as the changes tell.
func jiraGrantee(r *Reading) action.Grantee {
	most := action.Somebody
	for i := range r.Changes {
		c := &r.Changes[i]
		switch label := r.label(c).Text; {
		case equalFold(label, "group"), equalFold(label, "type"), equalFold(label, "value"):
			most = max(most, action.Jira.GranteeOf(c.Latest().Text))
		}
	}
	return most
}

// activeOrNot are Active and Inactive in languages of Jira.
var activeOrNot = map[string]bool{
	"Active": true, "Inactive": false, "Aktiv": true, "Inaktiv": false, "Actif": true, "Inactif": false, "Activo": true, "Inactivo": false,
	"Ativo": true, "Inativo": false, "Attivo": true, "Inattivo": false, "アクティブ": true, "非アクティブ": false,
}
