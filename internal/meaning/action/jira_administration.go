package action

var jiraAdministration = []Action{
	{"settings.updated", Update, Setting, upkeep, texts{"Global settings changed", "Global settings updated", "General configuration updated"}, keys{"general.configuration.updated", "global.settings.updated"}},
	{"settings.security.updated", Update, Setting, protection, texts{"Security settings updated", "Security configuration updated"}, keys{"security.settings.updated"}},
	{"settings.banner.updated", Update, Setting, upkeep, texts{"Announcement banner updated", "Announcement banner changed"}, keys{"announcement.banner.updated"}},
	{"settings.mail.created", Create, Setting, upkeep, texts{"Mail server created", "Mail server added"}, keys{"mail.server.created", "mail.server.added"}},
	{"settings.mail.updated", Update, Setting, upkeep, texts{"Mail server updated", "Mail server edited"}, keys{"mail.server.updated"}},
	{"settings.mail.deleted", Delete, Setting, upkeep, texts{"Mail server deleted", "Mail server removed"}, keys{"mail.server.deleted"}},
	{"settings.allowlist.enabled", Enable, Setting, upkeep, texts{"Allowlist turned on", "Whitelist turned on"}, keys{"whitelist.turned.on"}},
	{"settings.allowlist.disabled", Disable, Setting, protection, texts{"Allowlist turned off", "Whitelist turned off"}, keys{"whitelist.turned.off"}},
	{"settings.allowlist.added", Create, Setting, connects, texts{"Allowlist rule added", "Whitelist URL added"}, keys{"whitelist.url.added"}},
	{"settings.allowlist.updated", Update, Setting, protection, texts{"Allowlist updated", "Whitelist updated"}, keys{"whitelist.url.updated"}},
	{"settings.allowlist.removed", Delete, Setting, upkeep, texts{"Allowlist rule removed", "Whitelist URL removed"}, keys{"whitelist.url.removed"}},
	{"license.updated", Update, Setting, upkeep, texts{"New license added", "License added", "License updated", "License removed"}, keys{"system.license.added", "system.license.updated", "system.license.removed"}},
	{"link.application.created", Create, Setting, connects, texts{"Application link created", "Application link added"}, keys{"applink.added", "application.link.created"}},
	{"link.application.updated", Update, Setting, upkeep, texts{"Application link updated", "Application link edited"}, keys{"applink.edited", "application.link.updated"}},
	{"link.application.deleted", Delete, Setting, upkeep, texts{"Application link deleted", "Application link removed"}, keys{"applink.deleted", "application.link.deleted"}},
	{"webhook.created", Create, Setting, connects, texts{"Webhook created", "Webhook added"}, keys{"webhook.created"}},
	{"webhook.updated", Update, Setting, upkeep, texts{"Webhook updated"}, keys{"webhook.updated"}},
	{"webhook.deleted", Delete, Setting, upkeep, texts{"Webhook deleted", "Webhook removed"}, keys{"webhook.deleted"}},

	{"directory.created", Create, Directory, identities, texts{"User directory added", "User directory created"}, keys{"directory.created", "directory.added"}},
	{"directory.updated", Update, Directory, identities, texts{"User directory updated"}, keys{"directory.updated"}},
	{"directory.deleted", Delete, Directory, identities, texts{"User directory removed", "User directory deleted"}, keys{"directory.deleted", "directory.removed"}},

	{"app.installed", Install, App, runsCode, texts{"App installed", "Plugin installed", "Add-on installed"}, keys{"plugin.installed", "app.installed"}},
	{"app.updated", Update, App, upkeep, texts{"App updated", "Plugin updated", "Plugin upgraded", "App upgraded"}, keys{"plugin.updated", "plugin.upgraded"}},
	{"app.uninstalled", Uninstall, App, upkeep, texts{"App uninstalled", "Plugin uninstalled", "Add-on uninstalled"}, keys{"plugin.uninstalled", "app.uninstalled"}},
	{"app.enabled", Enable, App, upkeep, texts{"App enabled", "Plugin enabled", "Add-on enabled"}, keys{"plugin.enabled"}},
	{"app.disabled", Disable, App, upkeep, texts{"App disabled", "Plugin disabled", "Add-on disabled"}, keys{"plugin.disabled"}},

	{"audit.enabled", Enable, AuditLog, upkeep, texts{"Auditing turned on", "Auditing enabled", "Audit log turned on"}, keys{"enabled"}},
	{"audit.disabled", Disable, AuditLog, blinds, texts{"Auditing turned off", "Auditing disabled", "Audit log turned off"}, keys{"disabled"}},
	{"audit.searched", Search, AuditLog, daily, texts{"Audit Log search performed"}, keys{"atlassian.audit.event.action.audit.search"}},
	{"audit.exported", Export, AuditLog, upkeep, texts{"Audit Log exported", "Audit Log export performed"}, keys{"atlassian.audit.event.action.audit.export"}},
	{"audit.updated", Update, AuditLog, blinds, texts{"Audit Log configuration updated", "Audit Log settings updated", "Audit log retention updated"}, keys{"atlassian.audit.event.action.audit.config.updated"}},

	{"diagnostics.recording.started", Run, Job, upkeep, texts{"JFR recording started"}, keys{"stp.jfr.audit.recording.started"}},
	{"diagnostics.recording.ended", Run, Job, upkeep, texts{"JFR recording stopped"}, keys{"stp.jfr.audit.recording.stopped"}},
	{"site.exported", Export, Site, wholeSite, texts{"Site exported", "Site backup", "Backup created", "XML backup created", "Data exported"}, keys{"system.exported", "system.backup"}},
	{"site.imported", Import, Site, wholeSite, texts{"Site imported", "Site restored", "Data imported"}, keys{"system.imported", "system.restored"}},
	{"index.rebuilt", Run, Job, daily, texts{"Search index rebuilt", "Reindex started"}, keys{"reindex.started"}},
}
