package action

var jiraPermissions = []Action{
	// Who got it and what it allows chooses one of the following rows, as in Confluence's table.
	{"permission.global.added", Grant, Permission, givesSite, texts{"Global permission added"}, keys{"global.permission.added"}},
	{"permission.global.administer.added", Grant, Permission, rules, nil, nil},
	{"permission.global.authenticated.added", Grant, Permission, givesMany, nil, nil},
	{"permission.global.authenticated.administer.added", Grant, Permission, administerAll, nil, nil},
	{"permission.global.anonymous.added", Grant, Permission, opens, nil, nil},

	{"permission.global.removed", Revoke, Permission, removes, texts{"Global permission removed", "Global permission deleted"}, keys{"global.permission.deleted", "global.permission.removed"}},
	{"permission.global.administer.removed", Revoke, Permission, demotes, nil, nil},
	{"permission.global.authenticated.removed", Revoke, Permission, removes, nil, nil},
	{"permission.global.authenticated.administer.removed", Revoke, Permission, demotes, nil, nil},
	{"permission.global.anonymous.removed", Revoke, Permission, removes, nil, nil},

	// A record of an updated scheme names one permission that was added to it or removed from it,
	// and then it becomes one of the rows of those. Other updates stay.
	{"permission.scheme.updated", Update, Permission, protection, texts{"Permission scheme updated"}, keys{"permission.scheme.updated"}},
	{"permission.scheme.added", Grant, Permission, givesScheme, nil, nil},
	{"permission.scheme.administer.added", Grant, Permission, leads, nil, nil},
	{"permission.scheme.authenticated.added", Grant, Permission, givesMany, nil, nil},
	{"permission.scheme.authenticated.administer.added", Grant, Permission, administerAll, nil, nil},
	{"permission.scheme.anonymous.added", Grant, Permission, opens, nil, nil},
	{"permission.scheme.removed", Revoke, Permission, removes, nil, nil},
	{"permission.scheme.administer.removed", Revoke, Permission, removes, nil, nil},
	{"permission.scheme.authenticated.removed", Revoke, Permission, removes, nil, nil},
	{"permission.scheme.authenticated.administer.removed", Revoke, Permission, removes, nil, nil},
	{"permission.scheme.anonymous.removed", Revoke, Permission, removes, nil, nil},

	{"permission.scheme.created", Create, Permission, upkeep, texts{"Permission scheme created"}, keys{"permission.scheme.created"}},
	{"permission.scheme.copied", Create, Permission, upkeep, texts{"Permission scheme copied"}, keys{"permission.scheme.copied"}},
	{"permission.scheme.deleted", Delete, Permission, upkeep, texts{"Permission scheme deleted", "Permission scheme removed"}, keys{"permission.scheme.deleted"}},
	{"permission.scheme.project.added", Add, Permission, applies, texts{"Permission scheme added to project", "Permission scheme assigned to project"}, keys{"permission.scheme.added.to.project"}},
	{"permission.scheme.project.removed", Remove, Permission, applies, texts{"Permission scheme removed from project", "Permission scheme unassigned from project"}, keys{"permission.scheme.removed.from.project"}},

	// An issue security scheme tells who can see an issue.
	{"security.scheme.created", Create, Permission, upkeep, texts{"Issue Security scheme created"}, keys{"issue.security.scheme.created"}},
	{"security.scheme.copied", Create, Permission, upkeep, texts{"Issue Security scheme copied"}, keys{"issue.security.scheme.copied"}},
	{"security.scheme.updated", Update, Permission, protection, texts{"Issue Security scheme updated"}, keys{"issue.security.scheme.updated"}},
	{"security.scheme.deleted", Delete, Permission, upkeep, texts{"Issue Security scheme deleted"}, keys{"issue.security.scheme.deleted"}},
	{"security.scheme.project.added", Add, Permission, applies, texts{"Issue Security scheme added to project"}, keys{"issue.security.scheme.added.to.project"}},
	{"security.scheme.project.removed", Remove, Permission, applies, texts{"Issue Security scheme removed from project"}, keys{"issue.security.scheme.removed.from.project"}},

	{"project.role.created", Create, Role, upkeep, texts{"Project role created"}, keys{"project.role.created"}},
	{"project.role.updated", Update, Role, applies, texts{"Project roles changed", "Project role updated"}, keys{"project.roles.changed", "project.role.updated"}},
	{"project.role.administer.updated", Update, Role, leadsByName, nil, nil},
	{"project.role.deleted", Delete, Role, upkeep, texts{"Project role deleted"}, keys{"project.role.deleted"}},
}
