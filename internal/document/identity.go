package document

import (
	"strconv"

	"fluent-bit-confluence/internal/scan"
)

// identity sets h.form to what identifies a record by its id. Of Jira Cloud it is the word id, its member id and
// the instant of its member created in milliseconds since 1970, as decimal text with a zero byte
// before each number. So a record has one fingerprint whatever else in it changes, such as the name
// of an object, the language or the zone of the time. An id that is given again after an import of
// the site has another time.
//
// Of an event of an organization, which has its values in the member attributes, it is the word
// event and the id, a text, with a zero byte between. Its id is unique.
//
// It returns false if the record has no such id or time. Then the content identifies it.
func (h *Hasher) identity(d *Document) bool {
	if !d.IsObject() {
		return false
	}
	var id, created, attributes uint32
	for name, value := range d.Members(0) {
		switch string(d.Text(name)) {
		case "id":
			if id == 0 {
				id = value
			}
		case "created":
			if created == 0 {
				created = value
			}
		case "attributes":
			if attributes == 0 {
				attributes = value
			}
		}
	}
	if id != 0 && attributes != 0 && d.nodes[id].kind == '"' && d.nodes[attributes].kind == '{' && !d.Empty(id) {
		h.form = append(append(h.form[:0], "event\x00"...), d.Text(id)...)
		return true
	}
	if id == 0 || created == 0 || d.nodes[id].kind != '0' || d.nodes[created].kind != '"' {
		return false
	}
	ms, ok := instant(d.Text(created))
	h.form = append(h.form[:0], "id\x00"...)
	h.form = appendNumber(h.form, d.Text(id))
	if digits := h.form[len("id\x00"):]; !ok || scan.Digits(digits, 0) != len(digits) {
		return false
	}
	h.form = strconv.AppendInt(append(h.form, 0), ms, 10)
	return true
}
