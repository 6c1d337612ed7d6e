package action

import "bytes"

// Confluence is the table of Confluence.
var Confluence = newTable(Table{
	rows:         [][]Action{people, permissions, contents, administration, collector},
	prefix:       "audit.logging.summary.",
	GranteeOf:    granteeInConfluence,
	IsPermission: isSpacePermission,
	PowerOf:      powerOfSpacePermission,
})

// granteeInConfluence knows the groups of all who can log in: the default group, on Cloud also with
// the name of the site (confluence-users-acme), and the pseudo group of Data Center.
func granteeInConfluence(group []byte) Grantee {
	if string(group) == "confluence-users" || string(group) == "authenticated-users" || bytes.HasPrefix(group, []byte("confluence-users-")) {
		return Authenticated
	}
	return Somebody
}

// isSpacePermission reports whether a text is the name of one of Confluence's permissions, which is
// the same in every language.
func isSpacePermission(text []byte) bool {
	switch string(text) {
	case "VIEWSPACE", "EDITSPACE", "EXPORTSPACE", "SETSPACEPERMISSIONS", "SETPAGEPERMISSIONS", "REMOVEOWNCONTENT", "REMOVEPAGE", "EDITBLOG", "REMOVEBLOG",
		"COMMENT", "REMOVECOMMENT", "CREATEATTACHMENT", "REMOVEATTACHMENT", "REMOVEMAIL", "EXPORTPAGE",
		"USECONFLUENCE", "LIMITEDUSECONFLUENCE", "VIEWUSERPROFILES", "UPDATEUSERSTATUS", "PROFILEATTACHMENT", "PERSONALSPACE", "CREATESPACE",
		"ADMINISTRATECONFLUENCE", "SYSTEMADMINISTRATOR":
		return true
	}
	return false
}

// powerOfSpacePermission returns what a permission of Confluence, such as VIEWSPACE, allows.
func powerOfSpacePermission(permission []byte) Power {
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
