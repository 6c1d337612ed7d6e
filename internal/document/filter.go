package document

// place is the position of a value in the record, as far as it decides which members count.
type place int

const (
	anywhere place = iota
	atRecord
	atAuthor
	atType
	atAffectedObjects
	atChangedValues
	atExtraAttributes
)

// placeOf returns the place of the record's member of that name. The elements of an array have the
// place of the array.
func placeOf(name []byte) place {
	switch string(name) {
	case "author":
		return atAuthor
	case "type":
		return atType
	case "affectedObjects":
		return atAffectedObjects
	case "changedValues":
		return atChangedValues
	case "extraAttributes":
		return atExtraAttributes
	}
	return anywhere
}

// filter tells which members of one object count in a fingerprint: all but the named, or only the
// named.
type filter struct {
	named [2]string
	n     int
	only  bool
}

func allBut(names ...string) filter { return filter{}.and(names...) }

func only(names ...string) filter { return filter{only: true}.and(names...) }

func (f filter) and(names ...string) filter {
	f.n += copy(f.named[f.n:], names)
	return f
}

func (f *filter) counts(name []byte) bool {
	for i := range f.n {
		if f.named[i] == string(name) {
			return f.only
		}
	}
	return !f.only
}

// filter leaves out the members of object obj that the site computes when it is read, not when the
// record is written. Two readings of one record may differ in them:
//
//   - what is looked up about an author (display name, public name, guest flags, links), if an id
//     tells the account;
//   - Data Center's texts in the language of the system, if their key is beside them;
//   - Data Center's links, and its own base URL.
//
// Leaving out too much loses nothing: records with equal fingerprints are counted, not dropped, so
// two records that differ only here are both delivered, as two occurrences. Leaving out too little
// delivers a record twice. Unknown members count.
func (d *Document) filter(obj uint32, at place) filter {
	switch at {
	case atRecord:
		return allBut("system")
	case atAuthor:
		if d.has(obj, "accountId") { // Cloud
			return only("accountId", "type")
		}
		if d.has(obj, "id") { // Data Center
			return only("id", "type")
		}
		return allBut("uri", "avatarUri")
	case atType:
		f := allBut()
		if d.has(obj, "actionI18nKey") {
			f = f.and("action")
		}
		if d.has(obj, "categoryI18nKey") {
			f = f.and("category")
		}
		return f
	case atAffectedObjects:
		return allBut("uri")
	case atChangedValues:
		if d.has(obj, "i18nKey") {
			return allBut("key")
		}
	case atExtraAttributes:
		if d.has(obj, "nameI18nKey") {
			return allBut("name")
		}
	}
	return allBut()
}

// has reports whether object obj has a member of that name with a text that is not empty.
func (d *Document) has(obj uint32, name string) bool {
	for n, v := range d.Members(obj) {
		if string(d.Text(n)) == name && d.nodes[v].kind == '"' && len(d.Text(v)) > 0 {
			return true
		}
	}
	return false
}
