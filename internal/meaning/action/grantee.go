package action

import (
	"bytes"
	"strings"
)

// Grantee is who got or lost a permission.
type Grantee int

// The grantees, from the narrowest to the widest.
const (
	Somebody      Grantee = iota // a person or a group
	Authenticated                // all who have logged in
	Anonymous                    // everybody, without a login
)

// Power is what a permission allows.
type Power int

// The powers.
const (
	ToUse        Power = iota // view, write, comment and the like
	ToExport                  // export a whole space
	ToAdminister              // give permissions to others, change settings
)

// PowerOfGroup returns what the members of a group or of a role can do, as far as its name tells:
// confluence-administrators, jira-administrators, site-admins.
func PowerOfGroup(name []byte) Power {
	for i := 0; i+len("admin") <= len(name); i++ {
		if bytes.EqualFold(name[i:i+len("admin")], []byte("admin")) {
			return ToAdminister
		}
	}
	return ToUse
}

// For returns the row of a permission for a grantee and a power, or of a membership in a group or a
// role with a power. For other actions it returns the action itself.
func (a *Action) For(who Grantee, what Power) *Action {
	if rows := grants[a]; rows != nil {
		return rows[who][what]
	}
	return a
}

// grants holds the rows of permissions, memberships and the like, by grantee and power: those of
// which the table has a variant for administrators.
var grants = grantRows(Confluence, Jira, Organization)

func grantRows(tables ...*Table) map[*Action]*[3][3]*Action {
	all := map[*Action]*[3][3]*Action{}
	for _, t := range tables {
		for base := range t.All() {
			part := strings.Split(base.Name, ".")
			if len(part) != 3 || t.named(part[0]+"."+part[1]+".administer."+part[2]) == nil {
				continue
			}
			scope, verb := part[0]+"."+part[1], part[2]
			rows := new([3][3]*Action)
			for who, middle := range []string{"", ".authenticated", ".anonymous"} {
				for what, power := range []string{"", ".export", ".administer"} {
					rows[who][what] = t.first(scope+middle+power+"."+verb, scope+middle+"."+verb, base.Name)
				}
			}
			all[base] = rows
		}
	}
	return all
}
