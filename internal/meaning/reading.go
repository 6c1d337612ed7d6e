// Package meaning reads from a record of any deployment who did what to what.
package meaning

import (
	"bytes"
	"net/netip"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning/action"
)

// Reading is the meaning of a record, with the same names for all products and deployments. All
// schemas but `raw` render it. Its texts point into the record.
//
// A schema takes every value that it writes in a field of its own. The values that are left go
// where the schema keeps extras, so nothing is lost, known or unknown.
type Reading struct {
	doc     *document.Document
	profile *Profile
	Action  *action.Action // never nil

	ID                    Field // Jira Cloud: a number; an organization: a UUID
	Time                  Field // as it was sent
	Summary, Key          Field // what happened: the text, and Data Center's i18n key
	Title                 Field // an organization: what Atlassian calls the action, see Call
	Category, CategoryKey Field
	Area, Level           Field // of the coverage, in Jira's files
	Description           Field
	Actor                 Party
	Affected, Associated  uint32   // the node of the objects; 0 when there are none
	Objects               []Entity // the affected objects, then the associated ones
	Changed               uint32   // the node of the changes; 0 when there are none
	Changes               []Change
	// Extra is the node of Data Center's further attributes; 0 when there are none.
	Extra uint32
	// User and Group are who was given, lost or changed something, if that is what happened.
	User, Group          Party
	Source               Field // the addresses, as they were sent
	Addresses            []netip.Addr
	Geo                  Geo     // an organization
	Auth                 Auth    // an organization
	System, Node, Method Field   // Data Center
	SysAdmin, SuperAdmin Boolean // Cloud
	dataCenter           bool    // whether it is a record of Data Center
	purpose              Entity  // what a permission is for, if it is none of the objects
}

// Field is a text of the record. The zero field is absent.
type Field struct {
	Text []byte
	Node uint32 // the node of the text, 0 when it is only part of one or none
}

// Absent reports whether there is no text.
func (f Field) Absent() bool { return len(f.Text) == 0 }

// Boolean is a boolean of the record. The zero boolean is absent.
type Boolean struct {
	Value bool
	Node  uint32
}

// MaxText is the largest length in bytes of a text that is read into a field. It is what
// Elasticsearch can index as one term; OCSF and Microsoft Sentinel allow little more. Longer texts
// stay with the extras.
const MaxText = 32766

// Read reads the document into a reading that is new or was released. The record must be an object,
// of the product of the profile.
func (r *Reading) Read(p *Profile, d *document.Document) {
	r.doc, r.profile = d, p
	for name, value := range d.Members(0) {
		r.member(d.Text(name), value)
	}
	if p.complete != nil {
		p.complete(r)
	}
	r.Action = p.actions.Lookup(r.Key.Text, r.Summary.Text)
	r.readObjects(r.Affected, true)
	r.readObjects(r.Associated, false)
	r.readChanges()
	r.readAddresses()
	r.findTargets()
	r.combine()
}

// keepObjects is for how many objects, changes and addresses memory is kept. Real records have
// fewer than ten.
const keepObjects = 1 << 14

// Release drops the record, after it has removed all marks of taken values, and frees the extra
// memory of an unusually large one.
func (r *Reading) Release() {
	if r.doc == nil {
		return
	}
	r.doc.Restore()
	if cap(r.Objects) > keepObjects || cap(r.Changes) > keepObjects || cap(r.Addresses) > keepObjects {
		r.Objects, r.Changes, r.Addresses = nil, nil, nil
	}
	clear(r.Objects)
	clear(r.Changes)
	*r = Reading{Objects: r.Objects[:0], Changes: r.Changes[:0], Addresses: r.Addresses[:0]}
}

// member reads one member of the record, by the names of Confluence Cloud (old servers have the
// same), which health records have too, or of Data Center. The profile knows further names. The
// first of several with the same name counts.
func (r *Reading) member(name []byte, value uint32) {
	switch string(name) {
	case "creationDate", "timestamp":
		if r.doc.Kind(value) == '0' && r.Time.Absent() {
			r.Time = Field{Text: r.doc.Text(value), Node: value}
		} else {
			r.text(&r.Time, value)
		}
	case "summary":
		r.text(&r.Summary, value)
	case "category":
		r.text(&r.Category, value)
	case "description":
		r.text(&r.Description, value)
	case "author":
		r.readAuthor(value)
	case "type":
		r.readType(value)
	case "affectedObject", "affectedObjects":
		r.container(&r.Affected, value)
	case "associatedObjects":
		r.container(&r.Associated, value)
	case "changedValues":
		r.container(&r.Changed, value)
	case "extraAttributes":
		r.container(&r.Extra, value)
	case "remoteAddress", "source":
		r.text(&r.Source, value)
	case "system":
		r.text(&r.System, value)
	case "node":
		r.text(&r.Node, value)
	case "method":
		r.text(&r.Method, value)
	case "sysAdmin":
		r.boolean(&r.SysAdmin, value)
	case "superAdmin":
		r.boolean(&r.SuperAdmin, value)
	default:
		r.profile.member(r, name, value)
	}
}

// readType reads Data Center's object `type`.
func (r *Reading) readType(value uint32) {
	if r.doc.Kind(value) != '{' {
		return
	}
	r.dataCenter = true
	for name, value := range r.doc.Members(value) {
		switch string(r.doc.Text(name)) {
		case "action":
			r.text(&r.Summary, value)
		case "actionI18nKey":
			r.text(&r.Key, value)
		case "category":
			r.text(&r.Category, value)
		case "categoryI18nKey":
			r.text(&r.CategoryKey, value)
		case "area":
			r.text(&r.Area, value)
		case "level":
			r.text(&r.Level, value)
		default:
			r.takeNothing(value)
		}
	}
}

// text reads a text into a field that has none yet.
func (r *Reading) text(f *Field, value uint32) {
	if r.doc.Kind(value) == '"' && f.Absent() {
		if text := r.doc.Text(value); len(text) > 0 && len(text) <= MaxText {
			*f = Field{Text: text, Node: value}
			return
		}
	}
	r.takeNothing(value)
}

func (r *Reading) boolean(f *Boolean, value uint32) {
	switch r.doc.Kind(value) {
	case 't', 'f':
		if f.Node == 0 {
			*f = Boolean{Value: r.doc.Kind(value) == 't', Node: value}
		}
	default:
		r.takeNothing(value)
	}
}

// container reads the node of a list of objects, or of one object, into a field that has none yet.
func (r *Reading) container(node *uint32, value uint32) {
	kind := r.doc.Kind(value)
	if (kind == '[' || kind == '{') && !r.doc.Empty(value) && *node == 0 {
		*node = value
		return
	}
	r.takeNothing(value)
}

// takeNothing takes a value that holds no information: null, an empty text, an empty container.
func (r *Reading) takeNothing(value uint32) {
	if r.doc.Empty(value) {
		r.doc.Take(value)
	}
}

// Name returns the name of what happened: Data Center's key, which is stable, or else the text.
func (r *Reading) Name() Field {
	if !r.Key.Absent() {
		return r.Key
	}
	return r.Summary
}

// Outcome reports whether the action succeeded, and whether that is known.
func (r *Reading) Outcome() (success, known bool) { return !r.Action.Failed(), r.Action.Known() }

// equalFold reports whether text equals lower, which is in lower case. It folds ASCII only.
func equalFold(text []byte, lower string) bool {
	return len(text) == len(lower) && bytes.EqualFold(text, []byte(lower))
}
