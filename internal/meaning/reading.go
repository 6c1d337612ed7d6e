// Package meaning reads who did what to what out of a record, whichever Confluence wrote it.
package meaning

import (
	"bytes"
	"net/netip"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning/action"
)

// Reading is what a record says, under the same names whatever kind of Confluence wrote it. The
// normalised schemas render it; `raw` does without. Its texts point into the record.
//
// A schema marks every value it finds a place for as taken. What is left of the record in the end
// goes where the schema keeps extras, so nothing gets lost that nobody has thought of.
type Reading struct {
	doc    *document.Document
	Action *action.Action // never nil

	Time                  Field // as it was sent
	Summary, Key          Field // what happened: its text, and Data Center's i18n key
	Category, CategoryKey Field
	Description           Field
	Actor                 Party
	Affected, Associated  uint32   // the node of the objects; 0 when there are none
	Objects               []Entity // what it happened to, then what is mentioned besides
	Changed               uint32   // the node of the changes; 0 when there are none
	Changes               []Change
	// the node of Data Center's further attributes; 0 when there are none
	Extra uint32
	// who was given, lost or changed something, if that is what happened
	User, Group          Party
	Source               Field // where from, as it was sent
	Addresses            []netip.Addr
	System, Node, Method Field   // Data Center
	SysAdmin, SuperAdmin Boolean // Cloud
	dataCenter           bool    // whether it has the shape of Data Center's records
	purpose              Entity  // what a permission is for, when it is none of the objects
}

// Field is a text of the record. The zero field is absent.
type Field struct {
	Text []byte
	Node uint32 // where it stands if it stands there as it is, else 0
}

// Absent tells whether there is no text.
func (f Field) Absent() bool { return len(f.Text) == 0 }

// Boolean is a boolean of the record. The zero boolean is absent.
type Boolean struct {
	Value bool
	Node  uint32
}

// MaxText is the length in bytes up to which a text is taken for a name or the like. It is what the
// search index of Elasticsearch can hold as one term, and OCSF and Microsoft Sentinel allow little
// more. Longer ones stay with the extras.
const MaxText = 32766

// Read reads the document, which must hold a record that is an object, into a reading that is new
// or was released.
func (r *Reading) Read(d *document.Document) {
	r.doc = d
	for name, value := range d.Members(0) {
		r.member(d.Text(name), value)
	}
	r.Action = action.Lookup(r.Key.Text, r.Summary.Text)
	r.readObjects(r.Affected, true)
	r.readObjects(r.Associated, false)
	r.readChanges()
	r.readAddresses()
	r.findTargets()
	r.settle()
}

// keepObjects is how many objects, changes and addresses there stays memory for. Real records have
// fewer than ten.
const keepObjects = 1 << 14

// Release lets go of the record, in which nothing is taken any more, and of what memory an
// unusually large one needed.
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

// member reads one member of the record: Cloud's names, Data Center's, and those of old servers,
// which are Cloud's. The first of several with the same name counts.
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
		r.takeNothing(value)
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

// takeNothing takes a value that says nothing: null, an empty text, an empty container.
func (r *Reading) takeNothing(value uint32) {
	if r.doc.Empty(value) {
		r.doc.Take(value)
	}
}

// Name is what to call what happened: the stable key of Data Center, or else the text.
func (r *Reading) Name() Field {
	if !r.Key.Absent() {
		return r.Key
	}
	return r.Summary
}

// Outcome tells whether what was tried was done, and whether that is known at all.
func (r *Reading) Outcome() (success, known bool) { return !r.Action.Failed(), r.Action.Known() }

// equalFold compares with a text in lower case, folding ASCII.
func equalFold(text []byte, lower string) bool {
	return len(text) == len(lower) && bytes.EqualFold(text, []byte(lower))
}
