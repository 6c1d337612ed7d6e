package simulate

import (
	"fmt"
	"slices"
)

// dcEvent is one entity of Data Center's audit API, without its time.
type dcEvent struct {
	Type            dcType     `json:"type"`
	AffectedObjects []dcObject `json:"affectedObjects"`
	ChangedValues   []dcChange `json:"changedValues"`
	// ExtraAttributes are those of the event itself. Without them the record's end has the member.
	ExtraAttributes []dcAttribute `json:"extraAttributes,omitzero"`
}

type dcType struct {
	CategoryI18nKey string `json:"categoryI18nKey"`
	Category        string `json:"category"`
	ActionI18nKey   string `json:"actionI18nKey"`
	Action          string `json:"action"`
}

type dcObject struct {
	Name string `json:"name"`
	Type string `json:"type"`
	URI  string `json:"uri,omitempty"`
	ID   string `json:"id,omitempty"`
}

type dcChange struct {
	Key     string `json:"key"`
	I18nKey string `json:"i18nKey"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

type dcAuthor struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	ID        string `json:"id"`
	URI       string `json:"uri,omitempty"`
	AvatarURI string `json:"avatarUri"`
}

type dcAttribute struct {
	NameI18nKey string `json:"nameI18nKey"`
	Name        string `json:"name"`
	Value       string `json:"value"`
}

// nobody is the author that both products write for a visitor who has not logged in.
var nobody = dcAuthor{Name: "Anonymous", Type: "user", ID: "-2"}

// dataCenterDialect returns Confluence's dialect of /rest/auditing/1.0/events of the instance with
// this base URL, in English or in another language.
func dataCenterDialect(base string, foreign, ordinary bool) *dialect {
	d := &dialect{time: isoTime}
	work, strangers := dcTemplates(dataCenterCatalogue, foreign), dataCenterStrangers
	for i, p := range people {
		method, author, templates := "Browser", dcUser(base, p.name, p.user, p.key), work
		if i == 0 {
			method, author = "System", dcAuthor{Name: "System", Type: "user", ID: "-1"}
		}
		switch {
		case ordinary:
			templates = dcTemplates(dataCenterOrdinary(roleOf(i), dcPersonAsObject(base, p)), foreign)
		case i > 0:
			templates = append(slices.Clip(templates), dcTemplates(dcSessions(dcPersonAsObject(base, p)), foreign)...)
		}
		d.people = append(d.people, dcPerson(base, i, p.address, p.end, method, author, templates))
	}
	if ordinary {
		strangers = ordinaryStrangers(dcPersonAsObject(base, people[2]))
	}
	d.people = append(d.people, dcPerson(base, 0, "203.0.113.66", "", "Browser", nobody, dcTemplates(strangers, foreign)))
	return d
}

// dcPersonAsObject returns a person as the object of a record.
func dcPersonAsObject(base string, p human) dcObject {
	return dcObject{Name: p.name, Type: "User", URI: dcUser(base, p.name, p.user, p.key).URI, ID: p.key}
}

func dcPerson(base string, i int, address, end, method string, author dcAuthor, templates []template) person {
	return person{
		before:    []byte(`{"timestamp":"`),
		after:     fmt.Appendf(nil, `","author":%s,`, mustJSON(author)),
		end:       fmt.Appendf(nil, `,"source":"%s","system":%s,"node":"node-%d","method":"%s","extraAttributes":[]%s}`, address, quote(base), i%2+1, method, end),
		templates: templates,
	}
}

func dcTemplates(events []dcEvent, foreign bool) (templates []template) {
	for _, e := range events {
		if foreign {
			e.Type.Action, e.Type.Category = "何かを実行しました", "管理"
			e.ChangedValues = slices.Clone(e.ChangedValues)
			for i := range e.ChangedValues {
				e.ChangedValues[i].Key = "項目"
			}
		}
		if e.AffectedObjects == nil {
			e.AffectedObjects = []dcObject{}
		}
		if e.ChangedValues == nil {
			e.ChangedValues = []dcChange{}
		}
		templates = append(templates, newTemplate(members(e)))
	}
	return templates
}

func dcUser(base, name, user, key string) dcAuthor {
	return dcAuthor{Name: name, Type: "user", ID: key, URI: base + "/admin/users/viewuser.action?username=" + user}
}
