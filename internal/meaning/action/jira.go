package action

import "bytes"

// Jira is the table of Jira.
var Jira = newTable(Table{
	rows:         [][]Action{jiraPeople, jiraPermissions, projects, configuration, jiraAdministration, collector},
	prefix:       "jira.auditing.",
	GranteeOf:    granteeInJira,
	IsPermission: func(text []byte) bool { return jiraPermissionNames[folded(text)] },
	PowerOf:      PowerOfGroup, // the names of all that allow to administer have that word
})

// granteeInJira knows what stands in the place of a group for all visitors, or for all who have
// logged in, and the default groups of the products, on Cloud also with the name of the site
// (jira-software-users-acme). Data Center writes these words in English.
func granteeInJira(name []byte) Grantee {
	if who := find(jiraGrantees, name); who != Somebody {
		return who
	}
	for _, group := range defaultGroups {
		if rest, ok := bytes.CutPrefix(name, []byte(group)); ok && (len(rest) == 0 || rest[0] == '-') {
			return Authenticated
		}
	}
	return Somebody
}

var jiraGrantees = map[string]Grantee{
	"anyone": Anonymous, "anyone on the web": Anonymous, "public": Anonymous, "anonymous": Anonymous,
	"any logged in user": Authenticated, "any logged-in user": Authenticated, "all logged in users": Authenticated, "all logged-in users": Authenticated,
	"logged in users": Authenticated, "authenticated users": Authenticated,
}

var defaultGroups = []string{"jira-users", "jira-core-users", "jira-software-users", "jira-work-management-users", "jira-servicemanagement-users",
	"jira-servicedesk-users", "jira-product-discovery-users"}

// permissionName is the name of a permission in the form of [jiraPermissionNames].
type permissionName = [48]byte

// folded folds the name of a permission: ADMINISTER_PROJECTS and Administer Projects are the same.
func folded(text []byte) (name permissionName) {
	if len(text) > len(name) {
		return name
	}
	for i, c := range text {
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '_':
			c = ' '
		}
		name[i] = c
	}
	return name
}

// jiraPermissionNames are Jira's own permissions. The audit log has their English names.
var jiraPermissionNames = permissionNames(
	// Global.
	"Jira System Administrators", "System Admin", "Jira Administrators", "Administer Jira", "Administer", "Browse Users", "Browse users and groups", "User Picker",
	"Create Shared Objects", "Share dashboards and filters", "Manage Group Filter Subscriptions", "Bulk Change", "Make bulk changes", "Jira Users",
	"Create team-managed projects", "Create next-gen projects",
	// Of a project.
	"Administer Projects", "Browse Projects", "Manage Sprints", "Service Desk Agent", "Service Project Agent", "View Development Tools", "View Read-Only Workflow",
	"View (Read-Only) Workflow", "View Aggregated Data", "Extended project administration", "Assignable User", "Assign Issues", "Close Issues", "Create Issues",
	"Delete Issues", "Edit Issues", "Archive Issues", "Restore Issues", "Browse Archive", "Link Issues", "Modify Reporter", "Move Issues", "Resolve Issues",
	"Schedule Issues", "Set Issue Security", "Transition Issues", "Manage Watchers", "Manage Watcher List", "View Voters and Watchers", "Add Comments",
	"Delete All Comments", "Delete Own Comments", "Edit All Comments", "Edit Own Comments", "Create Attachments", "Delete All Attachments",
	"Delete Own Attachments", "Work On Issues", "Delete All Worklogs", "Delete Own Worklogs", "Edit All Worklogs", "Edit Own Worklogs",
)

func permissionNames(names ...string) map[permissionName]bool {
	all := map[permissionName]bool{}
	for _, name := range names {
		all[folded([]byte(name))] = true
	}
	return all
}
