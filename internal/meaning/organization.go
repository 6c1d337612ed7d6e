package meaning

import (
	"bytes"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning/action"
)

// Organization is the profile of an organization's log. Its events have their values in the member
// attributes: what happened to in context, where in container.
var Organization = &Profile{
	actions: action.Organization,
	site:    Field{Text: []byte("Organization")},

	member:       organizationMember,
	objectMember: organizationObjectMember,
	changeMember: func(r *Reading, _ *Change, _ []byte, value uint32) { r.takeNothing(value) },

	person:    personInOrganization,
	userOf:    func(_ *Reading, name Field) Party { return Party{Kind: UserKind, Name: name.Copied()} },
	ofPeople:  func(*Reading) bool { return false },
	everybody: func(*Reading, *Entity) bool { return false },
}

// Geo is where an address is, as Atlassian tells.
type Geo struct{ Country, Region, City Field }

// Unknown reports whether nothing is told.
func (g *Geo) Unknown() bool { return g.Country.Absent() && g.Region.Absent() && g.City.Absent() }

// Auth is how somebody has signed in for an action.
type Auth struct {
	Type, TokenID, TokenLabel, SessionID Field
	Node                                 uint32 // 0 if nothing is told
}

// Call gives the action the name and the group that Atlassian has for people, where the record has
// no text or category of its own.
func (r *Reading) Call(name, group []byte) {
	r.Title = Field{Text: name}
	if r.Summary.Absent() {
		r.Summary = r.Title
	}
	if r.Category.Absent() {
		r.Category = Field{Text: group}
	}
}

func organizationMember(r *Reading, name []byte, value uint32) {
	switch string(name) {
	case "id":
		r.text(&r.ID, value)
	case "attributes":
		r.readAttributes(value)
	case "message":
		r.readMessage(value)
	default:
		r.takeNothing(value)
	}
}

// opens reports whether a value is an object, whose members are read. If not, it takes what holds no
// information.
func (r *Reading) opens(value uint32) bool {
	if r.doc.Kind(value) == '{' {
		return true
	}
	r.takeNothing(value)
	return false
}

func (r *Reading) readAttributes(value uint32) {
	if !r.opens(value) {
		return
	}
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "time":
			r.text(&r.Time, value)
		case "action":
			r.text(&r.Key, value)
		case "actor":
			r.readActor(value)
		case "context":
			r.container(&r.Affected, value)
		case "container":
			r.container(&r.Associated, value)
		case "location":
			r.readLocation(value)
		default:
			r.takeNothing(value)
		}
	}
}

func (r *Reading) readMessage(value uint32) {
	if !r.opens(value) {
		return
	}
	for name, value := range r.doc.Members(value) {
		if string(r.doc.Text(name)) == "content" {
			r.text(&r.Summary, value)
		}
	}
}

func (r *Reading) readLocation(value uint32) {
	if !r.opens(value) {
		return
	}
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "ip":
			r.text(&r.Source, value)
		case "countryName":
			r.text(&r.Geo.Country, value)
		case "regionName":
			r.text(&r.Geo.Region, value)
		case "city":
			r.text(&r.Geo.City, value)
		default:
			r.takeNothing(value)
		}
	}
}

func (r *Reading) readActor(value uint32) {
	a := &r.Actor
	if a.Node != 0 || !r.opens(value) {
		return
	}
	a.Node = value
	var email Field
	app := false
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "id":
			r.text(&a.ID, value)
		case "name":
			r.text(&a.Name, value)
		case "email":
			r.text(&email, value)
		case "auth":
			r.readAuth(value)
		case "app":
			app = !r.doc.Empty(value)
		default:
			r.takeNothing(value)
		}
	}
	if IsEmail(email.Text) { // the system has a text there that is none
		a.Email = email
	}
	switch id := a.ID.Text; {
	case a.Unknown():
	case app:
		a.Kind = ServiceKind
	case isAccountID(id), isUUID(id), !a.Email.Absent(), len(id) == 0:
		a.Kind = UserKind
	default: // confluence, jira and the like
		a.Kind = SystemKind
	}
}

func (r *Reading) readAuth(value uint32) {
	a := &r.Auth
	if a.Node != 0 || r.doc.Empty(value) || !r.opens(value) {
		r.takeNothing(value)
		return
	}
	a.Node = value
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "authType":
			r.text(&a.Type, value)
		case "tokenId":
			r.text(&a.TokenID, value)
		case "tokenLabel":
			r.text(&a.TokenLabel, value)
		case "sessionId":
			r.text(&a.SessionID, value)
		default:
			r.takeNothing(value)
		}
	}
}

// organizationObjectMember reads the attributes of an object, and its link.
func organizationObjectMember(r *Reading, o *Entity, name []byte, value uint32) {
	switch string(name) {
	case "attributes":
		r.readObjectAttributes(o, value)
	case "links":
		if !r.opens(value) {
			return
		}
		for name, value := range r.doc.Members(value) {
			if string(r.doc.Text(name)) == "alt" {
				r.text(&o.URI, value)
			}
		}
	default:
		r.takeNothing(value)
	}
}

// readObjectAttributes reads the attributes of an object, whose names depend on its type. What a
// site shows of an issue is an issue, not the site. A setting of an organization is that setting.
func (r *Reading) readObjectAttributes(o *Entity, value uint32) {
	if !r.opens(value) {
		return
	}
	var issue, id, setting Field
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "name", "title", "siteName":
			r.text(&o.Name, value)
		case "settingName":
			r.text(&setting, value)
		case "issueKeyOrId":
			r.text(&issue, value)
		case "issueId":
			r.text(&id, value)
		default:
			r.takeNothing(value)
		}
	}
	switch {
	case !issue.Absent():
		o.Name, o.ID, o.KindName = issue, id, issueKind
	case !setting.Absent():
		o.Name = setting
	}
}

var issueKind = Field{Text: []byte("issue")}

// personInOrganization reads a user, who may have an address and no id.
func personInOrganization(r *Reading, o *Entity) Party {
	p := Party{Kind: UserKind, ID: o.ID.Copied(), Name: o.Name.Copied()}
	for name, value := range r.doc.Members(o.Node) {
		if string(r.doc.Text(name)) != "attributes" || r.doc.Kind(value) != '{' {
			continue
		}
		for name, value := range r.doc.Members(value) {
			if text := r.doc.Text(value); string(r.doc.Text(name)) == "email" && r.doc.Kind(value) == '"' && IsEmail(text) {
				p.Email = Field{Text: text}
			}
		}
	}
	if p.Unknown() {
		p.Username = p.Email
	}
	return p
}

// Origin is what an event of an organization tells about itself.
type Origin struct {
	Action   []byte // its id
	CloudID  []byte // of the site that it is about; nil if it names none
	Mirrored bool   // whether Confluence or Jira has the same in its own log
}

// OriginOf reads the origin of an event. It needs no reading, so that raw events have it too.
func OriginOf(d *document.Document) (o Origin) {
	if !d.IsObject() {
		return o
	}
	for name, value := range d.Members(0) {
		if string(d.Text(name)) != "attributes" || d.Kind(value) != '{' {
			continue
		}
		for name, value := range d.Members(value) {
			switch string(d.Text(name)) {
			case "action":
				if o.Action == nil && d.Kind(value) == '"' {
					o.Action = d.Text(value)
				}
			case "context", "container":
				if id := siteIn(d, value); o.CloudID == nil {
					o.CloudID = id
				}
			}
		}
	}
	o.Mirrored = bytes.HasPrefix(o.Action, []byte("confluence_audit_record_")) || bytes.HasPrefix(o.Action, []byte("jira_audit_record_"))
	return o
}

// siteIn returns the id of the first site in a list of objects.
func siteIn(d *document.Document, list uint32) []byte {
	if d.Kind(list) != '[' {
		return nil
	}
	for object := range d.Elements(list) {
		if d.Kind(object) != '{' {
			continue
		}
		var id []byte
		site := false
		for name, value := range d.Members(object) {
			switch string(d.Text(name)) {
			case "id":
				if d.Kind(value) == '"' && isUUID(d.Text(value)) {
					id = d.Text(value)
				}
			case "type":
				site = string(d.Text(value)) == "sites"
			}
		}
		if site && id != nil {
			return id
		}
	}
	return nil
}
