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

// IsAuthenticated returns whether a group contains all who can log in: Confluence's default group,
// on Cloud also with the name of the site (confluence-users-acme), and the pseudo group of Data
// Center.
func IsAuthenticated(group []byte) bool {
	return string(group) == "confluence-users" || string(group) == "authenticated-users" || bytes.HasPrefix(group, []byte("confluence-users-"))
}

// Power is what a permission allows.
type Power int

// The powers.
const (
	ToUse        Power = iota // view, write, comment and the like
	ToExport                  // export a whole space
	ToAdminister              // give permissions to others, change settings
)

// IsPermission returns whether a text is the name of one of Confluence's permissions, which is the
// same in every language.
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

// PowerOf returns what a permission of Confluence, such as VIEWSPACE, allows.
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
		// Of a space, of Confluence, or of the system.
		return ToAdminister
	case bytes.HasPrefix(p, []byte("EXPORT")) && string(p) != "EXPORTPAGE":
		return ToExport
	}
	return ToUse
}

// PowerOfGroup returns what the members of a group can do, as far as its name tells:
// confluence-administrators, site-admins.
func PowerOfGroup(name []byte) Power {
	for i := 0; i+len("admin") <= len(name); i++ {
		if bytes.EqualFold(name[i:i+len("admin")], []byte("admin")) {
			return ToAdminister
		}
	}
	return ToUse
}

// For returns the row of a permission for a grantee and a power, or of a membership in a group with
// a power. For other actions it returns the action itself.
func (a *Action) For(who Grantee, what Power) *Action {
	if rows := grants[a]; rows != nil {
		return rows[who][what]
	}
	return a
}

// grants holds the rows of permissions and memberships, by grantee and power.
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

// first returns the first row that has one of the names. It runs when the program starts, never for
// a record, and only with names that this package has in its table. A name that is missing there is
// a mistake of the programmer, which every test of this package shows: hence the panic.
func first(names ...string) *Action {
	for _, name := range names {
		for a := range All() {
			if a.Name == name {
				return a
			}
		}
	}
	panic("action: no row of the table is named " + strings.Join(names, " or "))
}

// Deactivated and Reactivated are the actions of an update of a user that does just that.
var (
	Deactivated = first("user.deactivated")
	Reactivated = first("user.reactivated")
)
