package record

import (
	"bytes"
	"net/netip"

	"fluent-bit-confluence/internal/record/action"
)

// reading is what a record says, under the same names whatever kind of Confluence wrote it. The normalised schemas
// render it; `raw` does without. Its texts point into the record.
//
// A schema marks every value it finds a place for as taken. What is left of the record in the end goes where the schema
// keeps extras, so nothing gets lost that nobody has thought of.
type reading struct {
	doc    *Document
	action *action.Action // never nil

	time                  field // as it was sent
	summary, key          field // what happened: its text, and Data Center's i18n key
	category, categoryKey field
	description           field
	actor                 party
	affected, associated  uint32   // the node of the objects; 0 when there are none
	objects               []entity // what it happened to, then what is mentioned besides
	changed               uint32   // the node of the changes; 0 when there are none
	changes               []change
	extra                 uint32 // the node of Data Center's further attributes; 0 when there are none
	user, group           party  // who was given, lost or changed something, if that is what happened
	source                field  // where from, as it was sent
	addresses             []netip.Addr
	system, node, method  field   // Data Center
	sysAdmin, superAdmin  boolean // Cloud
	dataCenter            bool    // whether it has the shape of Data Center's records
	purpose               entity  // what a permission is for, when it is none of the objects
}

// field is a text of the record. The zero field is absent.
type field struct {
	text []byte
	node uint32 // where it stands if it stands there as it is, else 0
}

func (f field) absent() bool { return len(f.text) == 0 }

// boolean is a boolean of the record. The zero boolean is absent.
type boolean struct {
	value bool
	node  uint32
}

// maxText is the length in bytes up to which a text is taken for a name or the like. It is what the search index of
// Elasticsearch can hold as one term, and OCSF and Microsoft Sentinel allow little more. Longer ones stay with the
// extras.
const maxText = 32766

// read reads the document, which must hold a record that is an object, into a reading that is new or was released.
func (r *reading) read(d *Document) {
	r.doc = d
	for name, value := range d.members(0) {
		r.member(d.text(name), value)
	}
	r.action = action.Lookup(r.key.text, r.summary.text)
	r.readObjects(r.affected, true)
	r.readObjects(r.associated, false)
	r.readChanges()
	r.readAddresses()
	r.findTargets()
	r.settle()
}

// keepObjects is how many objects, changes and addresses there stays memory for. Real records have fewer than ten.
const keepObjects = 1 << 14

// release lets go of the record, in which nothing is taken any more, and of what memory an unusually large one needed.
func (r *reading) release() {
	if r.doc == nil {
		return
	}
	r.doc.restore()
	if cap(r.objects) > keepObjects || cap(r.changes) > keepObjects || cap(r.addresses) > keepObjects {
		r.objects, r.changes, r.addresses = nil, nil, nil
	}
	clear(r.objects)
	clear(r.changes)
	*r = reading{objects: r.objects[:0], changes: r.changes[:0], addresses: r.addresses[:0]}
}

// member reads one member of the record: Cloud's names, Data Center's, and those of old servers, which are Cloud's.
// The first of several with the same name counts.
func (r *reading) member(name []byte, value uint32) {
	switch string(name) {
	case "creationDate", "timestamp":
		if r.doc.kind(value) == '0' && r.time.absent() {
			r.time = field{text: r.doc.text(value), node: value}
		} else {
			r.text(&r.time, value)
		}
	case "summary":
		r.text(&r.summary, value)
	case "category":
		r.text(&r.category, value)
	case "description":
		r.text(&r.description, value)
	case "author":
		r.readAuthor(value)
	case "type":
		r.readType(value)
	case "affectedObject", "affectedObjects":
		r.container(&r.affected, value)
	case "associatedObjects":
		r.container(&r.associated, value)
	case "changedValues":
		r.container(&r.changed, value)
	case "extraAttributes":
		r.container(&r.extra, value)
	case "remoteAddress", "source":
		r.text(&r.source, value)
	case "system":
		r.text(&r.system, value)
	case "node":
		r.text(&r.node, value)
	case "method":
		r.text(&r.method, value)
	case "sysAdmin":
		r.boolean(&r.sysAdmin, value)
	case "superAdmin":
		r.boolean(&r.superAdmin, value)
	default:
		r.takeNothing(value)
	}
}

// readType reads Data Center's object `type`.
func (r *reading) readType(value uint32) {
	if r.doc.kind(value) != '{' {
		return
	}
	r.dataCenter = true
	for name, value := range r.doc.members(value) {
		switch string(r.doc.text(name)) {
		case "action":
			r.text(&r.summary, value)
		case "actionI18nKey":
			r.text(&r.key, value)
		case "category":
			r.text(&r.category, value)
		case "categoryI18nKey":
			r.text(&r.categoryKey, value)
		default:
			r.takeNothing(value)
		}
	}
}

// text reads a text into a field that has none yet.
func (r *reading) text(f *field, value uint32) {
	if r.doc.kind(value) == '"' && f.absent() {
		if text := r.doc.text(value); len(text) > 0 && len(text) <= maxText {
			*f = field{text: text, node: value}
			return
		}
	}
	r.takeNothing(value)
}

func (r *reading) boolean(f *boolean, value uint32) {
	switch r.doc.kind(value) {
	case 't', 'f':
		if f.node == 0 {
			*f = boolean{value: r.doc.kind(value) == 't', node: value}
		}
	default:
		r.takeNothing(value)
	}
}

// container reads the node of a list of objects, or of one object, into a field that has none yet.
func (r *reading) container(node *uint32, value uint32) {
	kind := r.doc.kind(value)
	if (kind == '[' || kind == '{') && !r.doc.empty(value) && *node == 0 {
		*node = value
		return
	}
	r.takeNothing(value)
}

// takeNothing takes a value that says nothing: null, an empty text, an empty container.
func (r *reading) takeNothing(value uint32) {
	if r.doc.empty(value) {
		r.doc.take(value)
	}
}

// name is what to call what happened: the stable key of Data Center, or else the text.
func (r *reading) name() field {
	if !r.key.absent() {
		return r.key
	}
	return r.summary
}

// outcome tells whether what was tried was done, and whether that is known at all.
func (r *reading) outcome() (success, known bool) { return !r.action.Failed(), r.action.Known() }

// equalFold compares with a text in lower case, folding ASCII.
func equalFold(text []byte, lower string) bool {
	return len(text) == len(lower) && bytes.EqualFold(text, []byte(lower))
}
