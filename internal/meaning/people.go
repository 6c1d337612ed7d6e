package meaning

import (
	"bytes"
	"strings"

	"fluent-bit-confluence/internal/meaning/action"
)

// Party is a user or a group.
type Party struct {
	ID       Field // Cloud: account id, or the UUID of a group; Data Center and users of Jira: key
	Name     Field // as shown to people
	Username Field // what the user logs in with
	Email    Field
	Kind     PartyKind

	// Only an author has these.
	Node        uint32 // the object of the author; 0 when there is none
	UserKey     Field
	PublicName  Field
	AccountType Field
	OfType      Field
	URI         Field
	Guest       Boolean
	External    Boolean
}

// PartyKind is the kind of a party.
type PartyKind int

// Kinds of parties.
const (
	UnknownKind   PartyKind = iota
	UserKind                // a person
	GuestKind               // a person from outside the organisation
	ServiceKind             // an app or a service account
	SystemKind              // the product itself
	AnonymousKind           // a visitor who has not logged in
)

func (k PartyKind) String() string {
	return [...]string{"unknown", "user", "guest", "service", "system", "anonymous"}[k]
}

// Unknown reports whether the record does not tell who the party is.
func (p *Party) Unknown() bool { return p.ID.Absent() && p.Name.Absent() && p.Username.Absent() }

// First returns the first field that is not absent.
func First(fields ...Field) Field {
	for _, f := range fields {
		if !f.Absent() {
			return f
		}
	}
	return Field{}
}

func (r *Reading) readAuthor(value uint32) {
	if r.doc.Kind(value) != '{' || r.Actor.Node != 0 {
		return
	}
	a := &r.Actor
	a.Node = value
	var alsoExternal Boolean
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "accountId", "id":
			r.text(&a.ID, value)
		case "displayName", "name":
			r.text(&a.Name, value)
		case "username":
			r.text(&a.Username, value)
		case "email":
			r.text(&a.Email, value)
		case "userKey":
			r.text(&a.UserKey, value)
		case "publicName":
			r.text(&a.PublicName, value)
		case "accountType":
			r.text(&a.AccountType, value)
		case "type":
			r.text(&a.OfType, value)
		case "uri":
			r.text(&a.URI, value)
		case "isGuest":
			r.boolean(&a.Guest, value)
		case "isExternalCollaborator":
			r.boolean(&a.External, value)
		case "externalCollaborator":
			r.boolean(&alsoExternal, value)
		default:
			r.takeNothing(value)
		}
	}
	r.repeats(&a.Username, a.ID)
	r.repeats(&a.UserKey, a.ID)
	if a.External.Node == 0 {
		a.External = alsoExternal
	} else if alsoExternal.Node != 0 && alsoExternal.Value == a.External.Value {
		r.doc.Take(alsoExternal.Node)
	}
	if a.Username.Absent() {
		a.Username = usernameIn(a.URI.Text, r.profile.username)
	}
	r.repeats(&a.Name, a.Username)
	if !IsEmail(a.Email.Text) {
		a.Email = Field{}
		for _, f := range []Field{a.Username, a.Name} {
			if IsEmail(f.Text) {
				a.Email = f
			}
		}
	}
	a.Kind = a.judge()
}

// repeats removes and takes a field with the same text as another, which the schemas write.
func (r *Reading) repeats(f *Field, other Field) {
	if !f.Absent() && bytes.Equal(f.Text, other.Text) {
		r.doc.Take(f.Node)
		*f = Field{}
	}
}

// judge returns the kind of an author. On Data Center the system and the anonymous user have
// negative ids, on Cloud they have none.
func (p *Party) judge() PartyKind {
	nobody := p.ID.Absent() || p.ID.Text[0] == '-'
	switch {
	case string(p.ID.Text) == "-1", nobody && p.Username.Absent() && equalFold(p.Name.Text, "system"):
		return SystemKind
	case string(p.ID.Text) == "-2", nobody && p.Username.Absent() && equalFold(p.Name.Text, "anonymous"):
		return AnonymousKind
	case p.Unknown():
		return UnknownKind
	case equalFold(p.AccountType.Text, "app"), equalFold(p.AccountType.Text, "service"):
		return ServiceKind
	case p.Guest.Value, p.External.Value:
		return GuestKind
	}
	return UserKind
}

// findTargets finds the user and the group who were given, lost or changed something. Users that a
// record mentions for another reason, such as the creator of a space, are no targets.
func (r *Reading) findTargets() {
	switch r.Action.Object {
	case action.User, action.Group, action.Member, action.Session, action.Credential, action.Permission, action.Restriction:
	default:
		if !r.profile.ofPeople(r) {
			return
		}
	}
	for i := range r.Objects {
		switch o := &r.Objects[i]; {
		case o.Kind == UserObject && r.User.Unknown():
			r.User = r.profile.person(r, o)
		case o.Kind == GroupObject && r.Group.Unknown():
			r.Group = o.Group()
		}
	}
	for i := range r.Changes {
		c := &r.Changes[i]
		switch label := r.label(c).Text; {
		case equalFold(label, "user") && r.User.Unknown():
			r.User = r.profile.userOf(r, c.Latest())
		case equalFold(label, "group") && r.Group.Unknown():
			r.Group = groupOf(c.Latest())
		case equalFold(label, "email") && r.Action.Object == action.User && IsEmail(c.Latest().Text):
			r.User.Email = c.Latest().Copied()
		}
	}
	if r.profile.findGrantees != nil && r.Action.Object == action.Permission {
		r.profile.findGrantees(r)
	}
	if r.Action.Anonymous() && r.User.Unknown() && r.Group.Unknown() {
		r.User = Party{Name: anonymous, Kind: AnonymousKind}
	}
}

// anonymous is the name of visitors who have not logged in, for records that have none for them.
var anonymous = Field{Text: []byte("Anonymous")}

// Copied returns the field without its node, so that writing it takes nothing.
func (f Field) Copied() Field { return Field{Text: f.Text} }

// groupOf splits Cloud's name of a group: name and UUID with a colon between. Its fields are
// copied, so that the list of objects that they come from stays complete.
func groupOf(name Field) Party {
	if i := bytes.LastIndexByte(name.Text, ':'); i > 0 && isUUID(name.Text[i+1:]) {
		return Party{Name: Field{Text: name.Text[:i]}, ID: Field{Text: name.Text[i+1:]}}
	}
	return Party{Name: name.Copied()}
}

// Somebody reports whether the party is worth a search: not the system, and not an unknown or
// anonymous one.
func (p *Party) Somebody() bool {
	return p.Kind != UnknownKind && p.Kind != SystemKind && p.Kind != AnonymousKind
}

// Same reports whether two parties of a record are the same, by the most reliable field that both
// have. On Jira Data Center an author and an object have ids of two kinds, but names of one.
func (r *Reading) Same(p, q *Party) bool {
	pairs := [3][2]Field{{p.ID, q.ID}, {p.Username, q.Username}, {p.Name, q.Name}}
	if r.profile.twoIDs {
		pairs[0], pairs[1] = pairs[1], pairs[0]
	}
	for _, pair := range pairs {
		if !pair[0].Absent() && !pair[1].Absent() {
			return bytes.Equal(pair[0].Text, pair[1].Text)
		}
	}
	return false
}

// String returns what is known of the party, on one line.
func (p *Party) String() string {
	var parts []string
	for _, f := range []struct {
		name  string
		field Field
	}{{"id", p.ID}, {"name", p.Name}, {"user", p.Username}, {"mail", p.Email}} {
		if !f.field.Absent() {
			parts = append(parts, f.name+"="+string(f.field.Text))
		}
	}
	return strings.Join(parts, " ")
}
