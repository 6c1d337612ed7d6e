package simulate

import "fmt"

// cloudEvent is a Cloud record without its time, in the order in which Confluence sends it.
type cloudEvent struct {
	Summary           string        `json:"summary"`
	Description       string        `json:"description"`
	Category          string        `json:"category"`
	SysAdmin          bool          `json:"sysAdmin"`
	SuperAdmin        bool          `json:"superAdmin"`
	AffectedObject    cloudObject   `json:"affectedObject"`
	ChangedValues     []cloudChange `json:"changedValues"`
	AssociatedObjects []cloudObject `json:"associatedObjects"`
}

type cloudObject struct {
	Name string `json:"name"`
	Type string `json:"objectType"`
}

type cloudChange struct {
	Name string `json:"name"`
	Old  string `json:"oldValue"`
	New  string `json:"newValue"`
}

type cloudAuthor struct {
	Type                   string  `json:"type"`
	DisplayName            string  `json:"displayName"`
	Operations             *string `json:"operations"`
	Username               string  `json:"username,omitempty"`
	UserKey                string  `json:"userKey,omitempty"`
	AccountID              string  `json:"accountId,omitempty"`
	AccountType            string  `json:"accountType"`
	ExternalCollaborator   bool    `json:"externalCollaborator"`
	IsExternalCollaborator bool    `json:"isExternalCollaborator"`
	// IsGuest is newer than the other fields, so not every record has it.
	IsGuest    *bool  `json:"isGuest,omitempty"`
	PublicName string `json:"publicName"`
}

// legacyAuthor is the author of Confluence Server's /rest/api/audit.
type legacyAuthor struct {
	Type        string  `json:"type"`
	DisplayName string  `json:"displayName"`
	Operations  *string `json:"operations"`
	Username    string  `json:"username,omitempty"`
	UserKey     string  `json:"userKey,omitempty"`
}

// human is who does something, with the ids of both deployments and the end of each record.
type human struct{ name, user, account, key, address, end string }

// people are the authors on both deployments. The first is the system itself, which has no account.
// Some addresses are lists, as proxies make them.
var people = []human{
	{"System", "", "", "", "", ""},
	{"Amina Okafor", "aokafor", "557058:0f5b9c1e-6a2d-4d0e-9f53-6f1d1d6b7a01", "8a7f808976f7a0f90176f7a1c2d30001", "203.0.113.17", ""},
	{"Jürgen Müller", "jmueller", "712020:3d1c7a52-8f0b-4c7e-a3c5-0be0f2a9d402", "8a7f808976f7a0f90176f7a1c2d30002", "198.51.100.23", ""},
	{"佐藤 花子", "hsato", "5b10a2844c20165700ede21g", "8a7f808976f7a0f90176f7a1c2d30003", "2001:db8:85a3::8a2e:370:7334", ""},
	{`Siobhán "Shiv" O'Brien`, "sobrien", "70121:9c2b5a6e-1d34-4f8a-b7e6-5d4c3b2a1f04", "8a7f808976f7a0f90176f7a1c2d30004", "192.0.2.200, 10.0.0.4", ""},
	{"Release Robot", "release-robot", "712020:5e1f0d2c-3b4a-4958-8776-a5b4c3d2e105", "8a7f808976f7a0f90176f7a1c2d30005", "", ""},
	{"Олена Шевченко", "oshevchenko", "557058:aa0c1d2e-3f40-4516-9273-8495a6b7c806", "8a7f808976f7a0f90176f7a1c2d30006", "203.0.113.99",
		// fields nobody has documented
		`,"sequence":9007199254740993,"client":{"kind":"mobile","versions":[1,2.50,null]}`},
}

// cloudDialect returns the dialect of Confluence Cloud or, with legacy set, of old Confluence
// servers.
func cloudDialect(legacy, ordinary bool) *dialect {
	d := &dialect{time: epochTime}
	templates := cloudTemplates(cloudCatalogue)
	for i, p := range people {
		if ordinary {
			templates = cloudTemplates(cloudOrdinary[roleOf(i)])
		}
		d.people = append(d.people, cloudPerson(p, i, legacy, templates))
	}
	return d
}

// cloudPerson returns the author with this index, of which some have members that others lack.
func cloudPerson(p human, i int, legacy bool, templates []template) person {
	var author []byte
	if legacy {
		author = mustJSON(legacyAuthor{Type: "user", DisplayName: p.name, Username: p.user, UserKey: p.key})
	} else {
		a := cloudAuthor{Type: "user", DisplayName: p.name, Username: p.account, AccountID: p.account, PublicName: "Unknown user"}
		if i > 0 {
			a.UserKey = p.key
		}
		if i%2 == 1 {
			a.IsGuest = new(bool)
		}
		author = mustJSON(a)
	}
	before := fmt.Appendf(nil, `{"author":%s,"remoteAddress":"%s","creationDate":`, author, p.address)
	return person{before: before, after: []byte(","), end: []byte(p.end + "}"), templates: templates}
}

func cloudTemplates(events []cloudEvent) (templates []template) {
	for _, e := range events {
		if e.ChangedValues == nil {
			e.ChangedValues = []cloudChange{}
		}
		if e.AssociatedObjects == nil {
			e.AssociatedObjects = []cloudObject{}
		}
		templates = append(templates, newTemplate(members(e)))
	}
	return templates
}
