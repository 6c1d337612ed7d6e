package simulate

import (
	"fmt"
	"net/http"
	"strings"
)

// actionNames are what the API calls the actions of the catalogue: id, name and group.
var actionNames = [][3]string{
	{"jira_issue_viewed", "Viewed Jira issue", "Jira issues"},
	{"confluence_page_viewed", "Viewed Confluence page", "Confluence pages"},
	{"confluence_page_created", "Created Confluence page", "Confluence pages"},
	{"user_login", "User logged in", "Atlassian accounts"},
	{"user_login_failed", "User failed to log in", "Atlassian accounts"},
	{"user_logged_in_as_user", "Logged in as another user", "Atlassian accounts"},
	{"group_member_added", "Added user to group", "Groups"},
	{"api_token_created", "Created API token", "API tokens"},
	{"org_settings_update", "Updated organization settings", "Organization settings"},
	{"data_security_policy_update", "Updated data security policy", "Data security policies"},
	{"marketplace_app_installed", "Installed app", "App actions"},
	{"confluence_added_space_permission", "Added space permission", "Confluence spaces"},
	{"something_nobody_knows", "Did something that nobody knows", "Analytics actions"},
}

// listActions answers GET event-actions. Some elements have their group in a list.
func listActions() *reply {
	var list []string
	for i, a := range actionNames {
		group := `"groupDisplayName":` + string(quote(a[2]))
		if i%2 == 1 {
			group = `"groupDisplayNames":[` + string(quote(a[2])) + `]`
		}
		list = append(list, fmt.Sprintf(`{"id":%s,"type":"event-actions","attributes":{"displayName":%s,%s},"links":{}}`, quote(a[0]), quote(a[1]), group))
	}
	return jsonReply(http.StatusOK, `{"data":[`+strings.Join(list, ",")+`],"links":{}}`)
}
