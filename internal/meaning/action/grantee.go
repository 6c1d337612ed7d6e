package action

import (
	"bytes"
	"strings"
)

// Grantee is who was given a permission, or lost it.
type Grantee int

// The grantees, from one to all.
const (
	Somebody      Grantee = iota // a person or a group
	Authenticated                // all who have logged in
	Anonymous                    // everybody
)

// IsAuthenticated tells whether a group holds all who can log in: Confluence's default group, which
// Cloud gives the name of the site as well (confluence-users-acme), and the pseudo group of Data
// Center.
func IsAuthenticated(group []byte) bool {
	return string(group) == "confluence-users" || string(group) == "authenticated-users" || bytes.HasPrefix(group, []byte("confluence-users-"))
}

// Power is what a permission allows.
type Power int

// The powers.
const (
	ToUse        Power = iota // view, write, comment and the like
	ToExport                  // take a whole space out
	ToAdminister              // give permissions to others, change settings
)

// IsPermission tells whether a text is the name of one of Confluence's permissions, which no
// language changes.
func IsPermission(text []byte) bool {
	switch string(text) {
	case "VIEWSPACE", "EDITSPACE", "EXPORTSPACE", "SETSPACEPERMISSIONS", "SETPAGEPERMISSIONS", "REMOVEOWNCONTENT", "REMOVEPAGE", "EDITBLOG", "REMOVEBLOG",
		"COMMENT", "REMOVECOMMENT", "CREATEATTACHMENT", "REMOVEATTACHMENT", "REMOVEMAIL", "EXPORTPAGE",
		"USECONFLUENCE", "LIMITEDUSECONFLUENCE", "VIEWUSERPROFILES", "UPDATEUSERSTATUS", "PROFILEATTACHMENT", "PERSONALSPACE", "CREATESPACE",
		"ADMINISTRATECONFLUENCE", "SYSTEMADMINISTRATOR":
		return true
	}
	return false
}

// PowerOf reads what a permission of Confluence allows, such as VIEWSPACE.
func PowerOf(permission []byte) Power {
	var upper [32]byte
	if len(permission) > len(upper) {
		return ToUse
	}
	n := 0
	for _, c := range permission {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[n] = c
		n++
	}
	switch p := upper[:n]; {
	case string(p) == "SETSPACEPERMISSIONS", bytes.Contains(p, []byte("ADMIN")):
		// of a space, Confluence, the system
		return ToAdminister
	case bytes.HasPrefix(p, []byte("EXPORT")) && string(p) != "EXPORTPAGE":
		return ToExport
	}
	return ToUse
}

// PowerOfGroup tells what those in a group can do, as far as its name says so:
// confluence-administrators, site-admins.
func PowerOfGroup(name []byte) Power {
	for i := 0; i+len("admin") <= len(name); i++ {
		if bytes.EqualFold(name[i:i+len("admin")], []byte("admin")) {
			return ToAdminister
		}
	}
	return ToUse
}

// For is the row for a permission given to, or taken from, a certain grantee, or for the membership
// in a group of a certain power. Of other actions it is the action itself.
func (a *Action) For(who Grantee, what Power) *Action {
	if rows := grants[a]; rows != nil {
		return rows[who][what]
	}
	return a
}

// grants are the rows of permissions and memberships by grantee and power.
var grants = grantRows()

func grantRows() map[*Action]*[3][3]*Action {
	all := map[*Action]*[3][3]*Action{}
	for base := range All() {
		part := strings.Split(base.Name, ".")
		if base.Object != Permission && base.Object != Member || len(part) != 3 {
			continue
		}
		scope, verb := part[0]+"."+part[1], part[2]
		rows := new([3][3]*Action)
		for who, middle := range []string{"", ".authenticated", ".anonymous"} {
			for what, power := range []string{"", ".export", ".administer"} {
				rows[who][what] = first(scope+middle+power+"."+verb, scope+middle+"."+verb, base.Name)
			}
		}
		all[base] = rows
	}
	return all
}

// first is the first of the rows of these names that there is. It runs when the program starts, not
// for a record, and the last name is always that of a row.
func first(names ...string) *Action {
	for _, name := range names {
		for a := range All() {
			if a.Name == name {
				return a
			}
		}
	}
	panic("no action " + names[0])
}

// Deactivated and Reactivated are what an update of a user is that does just that.
var (
	Deactivated = first("user.deactivated")
	Reactivated = first("user.reactivated")
)
