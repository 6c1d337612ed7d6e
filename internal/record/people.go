package record

import (
	"bytes"
	"net/url"
	"unicode/utf8"

	"fluent-bit-confluence/internal/record/action"
)

// party is a user or a group.
type party struct {
	id       field // Cloud: account id, or the UUID of a group; Data Center: user key
	name     field // as shown to people
	username field // what the user logs in with
	email    field
	kind     partyKind

	// Of an author only.
	node        uint32 // the author as a whole; 0 when there is none
	userKey     field
	publicName  field
	accountType field
	ofType      field
	uri         field
	guest       boolean
	external    boolean
}

type partyKind int

const (
	unknownKind   partyKind = iota
	userKind                // somebody
	guestKind               // somebody from outside the organisation
	serviceKind             // an app or a service account
	systemKind              // Confluence itself
	anonymousKind           // nobody who logged in
)

func (k partyKind) String() string {
	return [...]string{"unknown", "user", "guest", "service", "system", "anonymous"}[k]
}

// unknown tells that nothing says who it is.
func (p *party) unknown() bool { return p.id.absent() && p.name.absent() && p.username.absent() }

// first is the first field that is not absent.
func first(fields ...field) field {
	for _, f := range fields {
		if !f.absent() {
			return f
		}
	}
	return field{}
}

func (r *reading) readAuthor(value uint32) {
	if r.doc.nodes[value].kind != '{' || r.actor.node != 0 {
		return
	}
	a := &r.actor
	a.node = value
	var alsoExternal boolean
	for name, value := range r.doc.members(value) {
		switch string(r.doc.text(name)) {
		case "accountId", "id":
			r.text(&a.id, value)
		case "displayName", "name":
			r.text(&a.name, value)
		case "username":
			r.text(&a.username, value)
		case "email":
			r.text(&a.email, value)
		case "userKey":
			r.text(&a.userKey, value)
		case "publicName":
			r.text(&a.publicName, value)
		case "accountType":
			r.text(&a.accountType, value)
		case "type":
			r.text(&a.ofType, value)
		case "uri":
			r.text(&a.uri, value)
		case "isGuest":
			r.boolean(&a.guest, value)
		case "isExternalCollaborator":
			r.boolean(&a.external, value)
		case "externalCollaborator":
			r.boolean(&alsoExternal, value)
		default:
			r.takeNothing(value)
		}
	}
	r.repeats(&a.username, a.id)
	r.repeats(&a.userKey, a.id)
	if a.external.node == 0 {
		a.external = alsoExternal
	} else if alsoExternal.node != 0 && alsoExternal.value == a.external.value {
		r.doc.take(alsoExternal.node)
	}
	if a.username.absent() {
		a.username = usernameIn(a.uri.text)
	}
	r.repeats(&a.name, a.username)
	if !isEmail(a.email.text) {
		a.email = field{}
		for _, f := range []field{a.username, a.name} {
			if isEmail(f.text) {
				a.email = f
			}
		}
	}
	a.kind = a.judge()
}

// repeats drops a field that says the same as another, which the schemas put somewhere.
func (r *reading) repeats(f *field, other field) {
	if !f.absent() && bytes.Equal(f.text, other.text) {
		r.doc.take(f.node)
		*f = field{}
	}
}

// judge tells what kind of author it is. Data Center gives the system and the anonymous user negative ids, Cloud gives
// them none.
func (p *party) judge() partyKind {
	nobody := p.id.absent() || p.id.text[0] == '-'
	switch {
	case string(p.id.text) == "-1", nobody && p.username.absent() && equalFold(p.name.text, "system"):
		return systemKind
	case string(p.id.text) == "-2", nobody && p.username.absent() && equalFold(p.name.text, "anonymous"):
		return anonymousKind
	case p.unknown():
		return unknownKind
	case equalFold(p.accountType.text, "app"), equalFold(p.accountType.text, "service"):
		return serviceKind
	case p.guest.value, p.external.value:
		return guestKind
	}
	return userKind
}

// findTargets finds who was given, lost or changed something. Other records mention users too, such as the creator of a
// space, and those are no targets.
func (r *reading) findTargets() {
	switch r.action.Object {
	case action.User, action.Group, action.Member, action.Session, action.Credential, action.Permission, action.Restriction:
	default:
		if string(r.categoryKey.text) != "audit.logging.category.user.management" && !equalFold(r.category.text, "users and groups") {
			return
		}
	}
	for i := range r.objects {
		switch o := &r.objects[i]; {
		case o.kind == userObject && r.user.unknown():
			r.user = r.userIn(o)
		case o.kind == groupObject && r.group.unknown():
			r.group = o.group()
		}
	}
	for i := range r.changes {
		c := &r.changes[i]
		switch label := c.label().text; {
		case equalFold(label, "user") && r.user.unknown():
			r.user = userOf(c.latest(), field{})
		case equalFold(label, "group") && r.group.unknown():
			r.group = groupOf(c.latest())
		case equalFold(label, "email") && r.action.Object == action.User && isEmail(c.latest().text):
			r.user.email = c.latest().copied()
		}
	}
	if r.action.Anonymous() && r.user.unknown() && r.group.unknown() {
		r.user = party{name: anonymous, kind: anonymousKind}
	}
}

// anonymous is the name of those who do not log in where the record has none for them.
var anonymous = field{text: []byte("Anonymous")}

// copied is the text of a field without the place where it stands: writing it takes nothing.
func (f field) copied() field { return field{text: f.text} }

// userOf reads a user from a name and a link. Cloud puts an account id where it has no name. What it returns is copied,
// for the list of objects or changes that it comes from is to stay whole.
func userOf(name, uri field) party {
	name = name.copied()
	p := party{kind: userKind, username: usernameIn(uri.text)}
	if isAccountID(name.text) {
		p.id = name
	} else {
		p.name = name
	}
	if isAnonymous(name.text) {
		p.kind = anonymousKind
	}
	if isEmail(name.text) {
		p.email = name
	}
	if bytes.Equal(p.name.text, p.username.text) {
		p.name = field{}
	}
	return p
}

// groupOf splits what Cloud calls a group: name and UUID with a colon between. It copies as userOf does.
func groupOf(name field) party {
	if i := bytes.LastIndexByte(name.text, ':'); i > 0 && isUUID(name.text[i+1:]) {
		return party{name: field{text: name.text[:i]}, id: field{text: name.text[i+1:]}}
	}
	return party{name: name.copied()}
}

// usernameIn finds the user name in Data Center's link to a user, .../viewuser.action?username=jane.
func usernameIn(uri []byte) field {
	_, query, _ := bytes.Cut(uri, []byte("?"))
	query, _, _ = bytes.Cut(query, []byte("#"))
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		value, ok := bytes.CutPrefix(pair, []byte("username="))
		if !ok {
			continue
		}
		if bytes.IndexByte(value, '%') < 0 && bytes.IndexByte(value, '+') < 0 {
			return field{text: value}
		}
		if name, err := url.QueryUnescape(string(value)); err == nil && utf8.ValidString(name) {
			return field{text: []byte(name)}
		}
	}
	return field{}
}

// isAccountID: 24 hex digits, or digits, a colon and a UUID.
func isAccountID(s []byte) bool {
	prefix, id, ok := bytes.Cut(s, []byte(":"))
	if !ok {
		return len(s) == 24 && all(s, isHex)
	}
	return len(prefix) > 0 && all(prefix, isDigit) && isUUID(id)
}

func isUUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !isHex(c) {
			return false
		}
	}
	return true
}

// isEmail is as strict as the email_t of OCSF.
func isEmail(s []byte) bool {
	local, domain, ok := bytes.Cut(s, []byte("@"))
	label, rest, dotted := bytes.Cut(domain, []byte("."))
	host := func(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' }
	return ok && dotted && len(local) > 0 && len(label) > 0 && len(rest) > 0 &&
		all(local, func(c byte) bool {
			return isLetter(c) || isDigit(c) || bytes.IndexByte([]byte("!#$%&'*+,-./=?^_`{|}~"), c) >= 0
		}) &&
		all(label, host) && all(rest, func(c byte) bool { return host(c) || c == '.' })
}

func all(s []byte, is func(byte) bool) bool {
	for _, c := range s {
		if !is(c) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
