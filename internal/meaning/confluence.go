package meaning

import (
	"bytes"

	"fluent-bit-confluence/internal/meaning/action"
)

const confluenceUsername = "username"

// Confluence is the profile of Confluence.
var Confluence = &Profile{
	actions: action.Confluence,
	site:    Field{Text: []byte("Confluence")},

	member:       func(r *Reading, _ []byte, value uint32) { r.takeNothing(value) },
	objectMember: func(r *Reading, _ *Entity, _ []byte, value uint32) { r.takeNothing(value) },
	changeMember: func(r *Reading, _ *Change, _ []byte, value uint32) { r.takeNothing(value) },
	labels:       []string{"audit.logging.changed.value."},
	username:     confluenceUsername,

	person: personInConfluence,
	userOf: func(_ *Reading, name Field) Party { return userOf(name, Field{}) },
	ofPeople: func(r *Reading) bool {
		return string(r.CategoryKey.Text) == "audit.logging.category.user.management" || equalFold(r.Category.Text, "users and groups")
	},
	active:  []string{"active"},
	answers: answers,

	privileges: []string{"type", "permission", "restriction type", "restriction.type"},
	everybody:  everybodyInConfluence,
}

func personInConfluence(r *Reading, o *Entity) Party {
	if everybodyInConfluence(r, o) {
		return Party{Name: First(o.Name.Copied(), anonymous), Kind: AnonymousKind}
	}
	p := userOf(o.Name, o.URI)
	if r.dataCenter && (!o.ID.Absent() || !o.URI.Absent()) {
		p.Kind = UserKind // a user whose name is Anonymous
	}
	if p.ID.Absent() {
		p.ID = o.ID.Copied()
	}
	return p
}

// userOf reads a user from a name and a link. Cloud writes an account id where it has no name. The
// fields are copied, so that the list of objects or changes that they come from stays complete.
func userOf(name, uri Field) Party {
	name = name.Copied()
	p := Party{Kind: UserKind, Username: usernameIn(uri.Text, confluenceUsername)}
	if isAccountID(name.Text) {
		p.ID = name
	} else {
		p.Name = name
	}
	if isAnonymous(name.Text) {
		p.Kind = AnonymousKind
	}
	if IsEmail(name.Text) {
		p.Email = name
	}
	if bytes.Equal(p.Name.Text, p.Username.Text) {
		p.Name = Field{}
	}
	return p
}

// everybodyInConfluence reports whether an object of a permission stands for visitors who have not
// logged in. Data Center names it in the language of the system, but without the id and the link
// that every person has. Cloud has no ids and links, so there the name Anonymous decides, or that
// there is no name.
func everybodyInConfluence(r *Reading, o *Entity) bool {
	switch {
	case o.Kind != UserObject || r.Action.Object != action.Permission:
		return false
	case r.dataCenter:
		return o.ID.Absent() && o.URI.Absent()
	}
	return o.Name.Absent() && o.Affected || isAnonymous(o.Name.Text)
}

// isAnonymous reports whether a name is the English one of visitors who have not logged in.
func isAnonymous(name []byte) bool {
	return equalFold(name, "anonymous") || equalFold(name, "anonymous user") || equalFold(name, "anonymous users") || equalFold(name, "anonymous access")
}

// answers are yes and no in the languages of Confluence.
var answers = map[string]bool{
	"Yes": true, "No": false, "yes": true, "no": false, "true": true, "false": false,
	"Ja": true, "Nein": false, "Nee": false, "Nej": false, "Nei": false, "Já": true,
	"Oui": true, "Non": false, "Sí": true, "Sì": true, "Sim": true, "Não": false, "Da": true, "Nu": false,
	"Tak": true, "Nie": false, "Ano": true, "Áno": true, "Ne": false, "Да": true, "Нет": false,
	"Kyllä": true, "Jah": true, "Ei": false, "Igen": true, "Nem": false,
	"はい": true, "いいえ": false, "是": true, "否": false, "예": true, "아니요": false, "아니오": false,
}
