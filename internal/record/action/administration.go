package action

var administration = []Action{
	{"settings.updated", Update, Setting, Low, texts{"Global settings changed", "Global settings updated", "Site settings updated"}, keys{"global.settings.updated", "global.settings.changed"}},
	{"settings.security.updated", Update, Setting, Medium, texts{"Security settings updated", "Security configuration updated", "Security settings changed"}, keys{"security.settings.updated", "security.configuration.updated"}},
	{"settings.logo.updated", Update, Setting, Informational, texts{"Site logo updated", "Site logo uploaded", "Site logo changed"}, keys{"site.logo.updated"}},
	{"settings.colour.updated", Update, Setting, Informational, texts{"Colour scheme updated", "Color scheme updated", "Global color scheme updated"}, keys{"colour.scheme.updated", "color.scheme.updated"}},
	{"settings.theme.updated", Update, Setting, Informational, texts{"Theme updated", "Global theme updated"}, keys{"theme.updated"}},
	{"settings.mail.updated", Update, Setting, Low, texts{"Mail server updated", "Mail server added", "Mail server removed"}, keys{"mail.server.updated", "mail.server.added", "mail.server.removed"}},
	{"settings.allowlist.updated", Update, Setting, Medium, texts{"Allowlist updated", "Allowlist rule added", "Allowlist rule removed", "Whitelist updated"}, keys{"allowlist.updated", "whitelist.updated"}},
	{"settings.logging.updated", Update, Setting, Low, texts{"Logging level updated", "Log level changed"}, keys{"logging.updated"}},
	{"license.updated", Update, Setting, Low, texts{"License updated", "Licence updated", "License changed"}, keys{"license.updated"}},
	{"link.application.created", Create, Setting, Medium, texts{"Application link created", "Application link added"}, keys{"application.link.created", "application.link.added"}},
	{"link.application.updated", Update, Setting, Low, texts{"Application link updated", "Application link edited"}, keys{"application.link.updated"}},
	{"link.application.deleted", Delete, Setting, Low, texts{"Application link deleted", "Application link removed"}, keys{"application.link.deleted", "application.link.removed"}},
	{"webhook.created", Create, Setting, Medium, texts{"Webhook created", "Webhook added"}, keys{"webhook.created"}},
	{"webhook.updated", Update, Setting, Low, texts{"Webhook updated"}, keys{"webhook.updated"}},
	{"webhook.deleted", Delete, Setting, Low, texts{"Webhook deleted", "Webhook removed"}, keys{"webhook.deleted"}},

	{"directory.created", Create, Directory, Medium, texts{"User directory added", "User directory created", "Directory added"}, keys{"directory.added"}},
	{"directory.updated", Update, Directory, Medium, texts{"User directory updated", "Directory updated"}, keys{"directory.updated"}},
	{"directory.deleted", Delete, Directory, Medium, texts{"User directory removed", "User directory deleted", "Directory removed"}, keys{"directory.removed", "directory.deleted"}},

	{"app.installed", Install, App, Medium, texts{"App installed", "Plugin installed", "Add-on installed"}, keys{"plugin.installed"}},
	{"app.updated", Update, App, Low, texts{"App updated", "Plugin updated", "Plugin upgraded", "App upgraded"}, keys{"plugin.updated", "plugin.upgraded"}},
	{"app.uninstalled", Uninstall, App, Low, texts{"App uninstalled", "Plugin uninstalled", "Add-on uninstalled"}, keys{"plugin.uninstalled"}},
	{"app.enabled", Enable, App, Low, texts{"App enabled", "Plugin enabled", "Add-on enabled"}, keys{"plugin.enabled"}},
	{"app.disabled", Disable, App, Low, texts{"App disabled", "Plugin disabled", "Add-on disabled"}, keys{"plugin.disabled"}},
	{"app.module.enabled", Enable, App, Low, texts{"App module enabled", "Plugin module enabled"}, keys{"plugin.module.enabled"}},
	{"app.module.disabled", Disable, App, Low, texts{"App module disabled", "Plugin module disabled"}, keys{"plugin.module.disabled"}},

	{"audit.searched", Search, AuditLog, Informational, texts{"Audit Log search performed"}, keys{"atlassian.audit.event.action.audit.search"}},
	{"audit.exported", Export, AuditLog, Low, texts{"Audit Log exported", "Audit Log export performed"}, keys{"atlassian.audit.event.action.audit.export"}},
	{"audit.updated", Update, AuditLog, High, texts{"Audit Log configuration updated", "Audit Log settings updated", "Audit log retention updated", "Audit coverage updated"},
		keys{"atlassian.audit.event.action.audit.config.updated", "audit.config.updated"}},

	{"job.run", Run, Job, Informational, texts{"Scheduled job run", "Scheduled job started"}, keys{"scheduled.job.run"}},
	{"job.enabled", Enable, Job, Low, texts{"Scheduled job enabled"}, keys{"scheduled.job.enabled"}},
	{"job.disabled", Disable, Job, Low, texts{"Scheduled job disabled"}, keys{"scheduled.job.disabled"}},
	{"job.updated", Update, Job, Low, texts{"Scheduled job updated", "Scheduled job schedule changed"}, keys{"scheduled.job.updated"}},
	{"site.exported", Export, Site, High, texts{"Site export", "Site backup", "Backup created", "Site exported"}, keys{"site.export", "site.backup"}},
	{"site.imported", Import, Site, High, texts{"Site import", "Site restored", "Site imported"}, keys{"site.import", "site.restore"}},
	{"index.rebuilt", Run, Job, Informational, texts{"Search index rebuilt", "Reindex started"}, keys{"index.rebuilt", "reindex.started"}},
}
