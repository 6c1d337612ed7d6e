package action

var permissions = []Action{
	{"permission.space.added", Grant, Permission, Low, texts{"Space permission added", "Space permissions added"}, keys{"space.permission.added"}},
	{"permission.space.removed", Revoke, Permission, Low, texts{"Space permission removed", "Space permissions removed"}, keys{"space.permission.removed"}},
	{"permission.space.anonymous.added", Grant, Permission, High, texts{"Anonymous space permission added", "Space permission added for anonymous"}, keys{"space.permission.anonymous.added"}},
	{"permission.space.anonymous.removed", Revoke, Permission, Low, texts{"Anonymous space permission removed", "Space permission removed for anonymous"}, keys{"space.permission.anonymous.removed"}},
	{"permission.global.added", Grant, Permission, Medium, texts{"Global permission added", "Global permissions added"}, keys{"global.permission.added"}},
	{"permission.global.removed", Revoke, Permission, Medium, texts{"Global permission removed", "Global permissions removed"}, keys{"global.permission.removed"}},
	{"permission.anonymous.enabled", Grant, Permission, High, texts{"Anonymous access enabled", "Anonymous global permission added"}, keys{"anonymous.access.enabled"}},
	{"permission.anonymous.disabled", Revoke, Permission, Low, texts{"Anonymous access disabled", "Anonymous global permission removed"}, keys{"anonymous.access.disabled"}},
	{"permission.default.updated", Update, Setting, Medium, texts{"Default space permissions updated", "Default space permission added", "Default space permission removed"}, keys{"default.space.permissions.updated"}},

	{"restriction.added", Grant, Restriction, Informational, texts{"Content restriction added", "Page restriction added", "Restriction added"}, keys{"content.restriction.added", "page.restriction.added"}},
	{"restriction.removed", Revoke, Restriction, Low, texts{"Content restriction removed", "Page restriction removed", "Restriction removed"}, keys{"content.restriction.removed", "page.restriction.removed"}},
	{"restriction.updated", Update, Restriction, Informational, texts{"Content restriction updated", "Page restrictions updated"}, keys{"content.restriction.updated"}},
}
