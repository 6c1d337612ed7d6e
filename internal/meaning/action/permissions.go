package action

var permissions = []Action{
	// The record tells only that a permission was added or removed. By who got it and what it
	// allows, [Action.For] then chooses one of the following rows that have no texts and keys.
	{"permission.space.added", Grant, Permission, gives, texts{"Space permission added", "Space permissions added"}, keys{"space.permission.added"}},
	{"permission.space.export.added", Grant, Permission, exports, nil, nil},
	{"permission.space.administer.added", Grant, Permission, administers, nil, nil},
	{"permission.space.authenticated.added", Grant, Permission, givesMany, nil, nil},
	{"permission.space.authenticated.export.added", Grant, Permission, administerAll, nil, nil},
	{"permission.space.authenticated.administer.added", Grant, Permission, administerAll, nil, nil},
	{"permission.space.anonymous.added", Grant, Permission, opens, texts{"Anonymous space permission added", "Space permission added for anonymous"}, keys{"space.permission.anonymous.added"}},

	{"permission.space.removed", Revoke, Permission, removes, texts{"Space permission removed", "Space permissions removed"}, keys{"space.permission.removed"}},
	{"permission.space.export.removed", Revoke, Permission, removes, nil, nil},
	{"permission.space.administer.removed", Revoke, Permission, removes, nil, nil},
	{"permission.space.authenticated.removed", Revoke, Permission, removes, nil, nil},
	{"permission.space.authenticated.export.removed", Revoke, Permission, removes, nil, nil},
	{"permission.space.authenticated.administer.removed", Revoke, Permission, removes, nil, nil},
	{"permission.space.anonymous.removed", Revoke, Permission, removes, texts{"Anonymous space permission removed", "Space permission removed for anonymous"}, keys{"space.permission.anonymous.removed"}},

	{"permission.global.added", Grant, Permission, givesSite, texts{"Global permission added", "Global permissions added"}, keys{"global.permission.added"}},
	{"permission.global.administer.added", Grant, Permission, rules, nil, nil},
	{"permission.global.authenticated.added", Grant, Permission, givesMany, nil, nil},
	{"permission.global.authenticated.administer.added", Grant, Permission, administerAll, nil, nil},
	{"permission.global.anonymous.added", Grant, Permission, opens, texts{"Anonymous access enabled", "Anonymous global permission added"}, keys{"anonymous.access.enabled"}},

	{"permission.global.removed", Revoke, Permission, removes, texts{"Global permission removed", "Global permissions removed"}, keys{"global.permission.removed"}},
	{"permission.global.administer.removed", Revoke, Permission, demotes, nil, nil},
	{"permission.global.authenticated.removed", Revoke, Permission, removes, nil, nil},
	{"permission.global.authenticated.administer.removed", Revoke, Permission, demotes, nil, nil},
	{"permission.global.anonymous.removed", Revoke, Permission, removes, texts{"Anonymous access disabled", "Anonymous global permission removed"}, keys{"anonymous.access.disabled"}},

	{"permission.default.updated", Update, Setting, protection, texts{"Default space permissions updated", "Default space permission added", "Default space permission removed"}, keys{"default.space.permissions.updated"}},

	// A restriction names who may still see or edit a page. The first one closes the page to all
	// others, and the removal of the last one opens it again.
	{"restriction.added", Grant, Restriction, closes, texts{"Content restriction added", "Page restriction added", "Restriction added"}, keys{"content.restriction.added", "page.restriction.added"}},
	{"restriction.view.added", Grant, Restriction, closes, texts{"Page view restriction added", "Blog post view restriction added"}, keys{"page.view.permission.added", "blogpost.view.permission.added"}},
	{"restriction.edit.added", Grant, Restriction, closes, texts{"Page edit restriction added", "Blog post edit restriction added"}, keys{"page.edit.permission.added", "blogpost.edit.permission.added"}},
	{"restriction.removed", Revoke, Restriction, reveals, texts{"Content restriction removed", "Page restriction removed", "Restriction removed"}, keys{"content.restriction.removed", "page.restriction.removed"}},
	{"restriction.view.removed", Revoke, Restriction, reveals, texts{"Page view restriction removed", "Blog post view restriction removed"}, keys{"page.view.permission.removed", "blogpost.view.permission.removed"}},
	{"restriction.edit.removed", Revoke, Restriction, reveals, texts{"Page edit restriction removed", "Blog post edit restriction removed"}, keys{"page.edit.permission.removed", "blogpost.edit.permission.removed"}},
	{"restriction.updated", Update, Restriction, closes, texts{"Content restriction updated", "Page restrictions updated"}, keys{"content.restriction.updated"}},
	{"page.viewed.refused", Read, Content, refused, texts{"Restricted page not permitted"}, keys{"security.restricted.page.not.permitted"}},
	{"blog.viewed.refused", Read, Content, refused, texts{"Restricted blog post not permitted"}, keys{"security.restricted.blogpost.not.permitted"}},
}
