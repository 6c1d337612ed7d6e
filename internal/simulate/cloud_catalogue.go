package simulate

// Short names, to keep each event of the catalogue on a few lines.
type (
	changes = []cloudChange
	objects = []cloudObject
)

func object(kind, name string) cloudObject { return cloudObject{Name: name, Type: kind} }

func inSpace() cloudObject { return object("Space", "Space {serial}") }

func aUser() cloudObject { return object("User", "Person {serial}") }

func aGroup() cloudObject {
	return object("Group", "team-{serial}:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99")
}

func cloudEventOf(category, summary string, affected cloudObject, c changes, o objects) cloudEvent {
	return cloudEvent{Summary: summary, Category: category, AffectedObject: affected, ChangedValues: c, AssociatedObjects: o}
}

// spacePermission returns the event of a space permission: the affected object is who got it, and
// the space is an associated object, as on Cloud.
func spacePermission(summary string, who cloudObject, old, new string) cloudEvent {
	c := changes{{"Type", old, new}, {"Space", "", "{serial}"}}
	if who.Name != "Anonymous" {
		c = append(c, cloudChange{who.Type, "", who.Name})
	}
	return cloudEventOf("Permissions", summary, who, c, objects{inSpace()})
}

func globalPermission(summary string, who cloudObject, old, new string) cloudEvent {
	return cloudEventOf("Permissions", summary, who, changes{{"Type", old, new}, {"Request", "", "{serial}"}}, nil)
}

func restriction(summary string, who cloudObject, old, new string) cloudEvent {
	return cloudEventOf("Permissions", summary, who, changes{{"Type", old, new}}, objects{object("Page", "Page {serial}"), inSpace()})
}

// cloudCatalogue holds the kinds of events that a Cloud site records. Each contains the serial.
var cloudCatalogue = []cloudEvent{
	cloudEventOf("Spaces", "Space created", inSpace(), changes{
		{"Space type", "", "global"}, {"Space status", "", "CURRENT"}, {"Name", "", "Space {serial}"}, {"Space key", "", "{serial}"}, {"Home page", "", "page: 484737204 v.1"},
	}, nil),
	cloudEventOf("Spaces", "Space configuration updated", inSpace(), changes{{"Name", "Old {serial}", "Space {serial}"}, {"Description", "", "Plans & budgets <2027>"}}, nil),
	cloudEventOf("Spaces", "Space logo uploaded", inSpace(), nil, nil),
	cloudEventOf("Spaces", "Space archived", inSpace(), changes{{"Space status", "CURRENT", "ARCHIVED"}}, nil),
	cloudEventOf("Spaces", "Space unarchived", inSpace(), changes{{"Space status", "ARCHIVED", "CURRENT"}}, nil),
	cloudEventOf("Spaces", "Space marked as deleted", inSpace(), changes{{"Space status", "CURRENT", "TRASHED"}}, nil),
	cloudEventOf("Spaces", "Space deleted", inSpace(), changes{{"Name", "Space {serial}", ""}, {"Space key", "{serial}", ""}}, nil),
	cloudEventOf("Spaces", "Deleted space restored", inSpace(), changes{{"Space status", "TRASHED", "CURRENT"}}, nil),
	cloudEventOf("Spaces", "Space export", inSpace(), changes{{"Export type", "", "XML"}}, nil),
	cloudEventOf("Spaces", "Space import", inSpace(), nil, nil),
	cloudEventOf("Spaces", "Space key updated", inSpace(), changes{{"Space key", "OLD{serial}", "{serial}"}}, nil),
	cloudEventOf("Spaces", "Space owner updated", inSpace(), changes{{"Owner", "Amina Okafor", "Person {serial}"}}, objects{aUser()}),
	cloudEventOf("Spaces", "Space trash emptied", inSpace(), nil, nil),
	cloudEventOf("Users and groups", "User created", aUser(), changes{
		{"Display name", "", "Person {serial}"}, {"Email", "", ""}, {"Active", "", "Yes"},
	}, nil),
	cloudEventOf("Users and groups", "User details updated", aUser(), changes{{"Display name", "Person", "Person {serial}"}, {"Email", "", ""}}, nil),
	// names nobody
	cloudEventOf("Users and groups", "User deactivated", cloudObject{}, changes{{"Request", "", "{serial}"}}, nil),
	// the same act
	cloudEventOf("Users and groups", "User details updated", aUser(), changes{{"Active", "Yes", "No"}}, nil),
	cloudEventOf("Users and groups", "User reactivated", aUser(), changes{{"Active", "No", "Yes"}}, nil),
	cloudEventOf("Users and groups", "User deleted", aUser(), nil, nil),
	cloudEventOf("Users and groups", "User added to group", aGroup(), nil, objects{aUser()}),
	cloudEventOf("Users and groups", "User removed from group", aGroup(), nil, objects{aUser()}),
	cloudEventOf("Users and groups", "Group created", aGroup(), nil, nil),
	cloudEventOf("Users and groups", "Group deleted", aGroup(), nil, nil),
	cloudEventOf("Users and groups", "Benutzer zur Gruppe hinzugefügt", aGroup(), nil, objects{aUser()}),
	spacePermission("Space permission added", aGroup(), "", "SETSPACEPERMISSIONS"),
	spacePermission("Space permission added", aUser(), "", "VIEWSPACE"),
	spacePermission("Space permission added", object("Group", "confluence-users:4375f4c3-bfdf-4f36-a62e-141ccf1588a3"), "", "VIEWSPACE"),
	spacePermission("Space permission added", object("User", "Anonymous"), "", "VIEWSPACE"),
	spacePermission("Space permission removed", aGroup(), "EDITSPACE", ""),
	spacePermission("Space permission removed", object("User", "Anonymous"), "VIEWSPACE", ""),
	globalPermission("Global permission added", aUser(), "", "ADMINISTRATECONFLUENCE"),
	globalPermission("Global permission removed", aGroup(), "USECONFLUENCE", ""),
	globalPermission("Global permission added", object("User", "Anonymous"), "", "USECONFLUENCE"),
	restriction("Content restriction added", aUser(), "", "View"),
	restriction("Content restriction removed", aGroup(), "Edit", ""),
	cloudEventOf("Page", "Page archived", object("Page", "Page {serial}"), changes{{"Content status", "current", "archived"}}, objects{object("Page", "Page {serial}"), inSpace()}),
	cloudEventOf("Page", "Page restored", object("Page", "Page {serial}"), changes{{"Content status", "archived", "current"}}, objects{inSpace()}),
	cloudEventOf("Page", "Page viewed with admin key", object("Page", "Página {serial} – 予算"), nil, objects{inSpace()}),
	cloudEventOf("Public links", "Public link turned on", object("Page", "Page {serial}"), changes{{"Public link", "Off", "On"}}, objects{inSpace()}),
	cloudEventOf("Public links", "Public link turned off", object("Page", "Page {serial}"), changes{{"Public link", "On", "Off"}}, objects{inSpace()}),
	cloudEventOf("Templates", "Template created", object("Template", "Minutes {serial}"), nil, nil),
	cloudEventOf("Templates", "Template updated", object("Template", "Minutes {serial}"), changes{{"Name", "Minutes", "Minutes {serial}"}}, nil),
	cloudEventOf("Global administration", "Global settings changed", object("Global settings", "Confluence {serial}"), changes{{"Site title", "Confluence", "Wiki {serial}"}, {"Allow remote API", "false", "true"}}, nil),
	cloudEventOf("Global administration", "Site logo updated", object("Global settings", "logo-{serial}.png"), nil, nil),
	cloudEventOf("Global administration", "Colour scheme updated", object("Global settings", "Scheme {serial}"), changes{{"Top bar", "#0747a6", "#205081"}}, nil),
	// an app's own
	cloudEventOf("Document control", "Workflow approval added", object("Page", "Page {serial}"), changes{{"Approver", "", "Person {serial}"}}, objects{inSpace()}),
	cloudEventOf("Apps", "App installed", object("App", "Diagrams {serial}"), changes{{"Version", "", "4.2.0-AC"}}, nil),
	cloudEventOf("Apps", "App uninstalled", object("App", "Diagrams {serial}"), nil, nil),
	cloudEventOf("スペース", "スペースを作成しました", object("Space", "営業 {serial}"), changes{{"Name", "", "営業 {serial}"}}, nil),
}
