package meaning

import "fluent-bit-confluence/internal/meaning/action"

// Profile is how the records of one product are to be read. What both products write alike is in
// the methods of [Reading].
type Profile struct {
	actions *action.Table
	site    Field // the name of what a global permission is for

	// How names of members, labels and links are written.
	member       func(r *Reading, name []byte, value uint32) // a further member of the record
	objectMember func(r *Reading, o *Entity, name []byte, value uint32)
	changeMember func(r *Reading, c *Change, name []byte, value uint32)
	labels       []string // how the i18n keys of changes begin, before their name in English
	username     string   // the parameter with the user name in the link to a person

	complete       func(r *Reading) // what is read when all members are; nil if nothing
	repeatsObjects bool             // whether an associated object may be the affected one again
	twoIDs         bool             // whether authors and objects have ids of two kinds

	// Who is who.
	person   func(r *Reading, o *Entity) Party  // the user that an object is
	userOf   func(r *Reading, name Field) Party // the user that a change names
	ofPeople func(r *Reading) bool              // whether the category is that of users and groups
	active   []string                           // what an update calls the switch of an account
	answers  map[string]bool                    // the two positions of that switch

	// Who got which permission.
	privileges   []string                         // what a change of the permission is called
	everybody    func(r *Reading, o *Entity) bool // whether an object stands for all visitors
	findGrantees func(r *Reading)                 // nil if labels and objects tell
	grantee      func(r *Reading) action.Grantee  // nil if labels and objects tell
}
