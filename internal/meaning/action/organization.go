package action

import "bytes"

// Organization is the table of an organization's log. Its keys are the ids of actions. Atlassian
// lists them in an API that needs a key, and says that its page about them is not exhaustive: those
// here were seen in events or in the rules of other products, and a few stand beside them.
var Organization = newTable(Table{
	rows:         [][]Action{organizationPeople, organizationAccess, organizationContents, organizationSettings, collector},
	GranteeOf:    func([]byte) Grantee { return Somebody },
	IsPermission: func([]byte) bool { return false },
	PowerOf:      PowerOfGroup,
	families: []family{
		{end: "_policy_update", name: "policy.updated"}, {end: "_policy_updated", name: "policy.updated"},
		{begin: "marketplace_app_install", name: "app.installed"}, {begin: "api_token_revok", name: "token.deleted"},
	},
})

// A family is a group of keys with one meaning, of which not all are known: those that begin and
// end alike.
type family struct{ begin, end, name string }

// ofFamily returns the action of the family of a key, nil if it is of none.
func (t *Table) ofFamily(key []byte) *Action {
	for i := range t.families {
		if f := &t.families[i]; len(key) > 0 && bytes.HasPrefix(key, []byte(f.begin)) && bytes.HasSuffix(key, []byte(f.end)) {
			return t.ofFamilies[i]
		}
	}
	return nil
}

var organizationPeople = []Action{
	{"user.created", Create, User, accounts, nil, keys{"user_created"}},
	{"user.invited", Create, User, accounts, nil, keys{"user_invitation_sent", "user_invited"}},
	{"user.updated", Update, User, daily, nil, keys{"user_updated", "user_email_changed"}},
	{"user.viewed", Read, Directory, daily, nil, keys{"user_profile_viewed"}},
	{"user.list.viewed", Read, Directory, daily, nil, keys{"organization_users_viewed"}},
	{"user.deactivated", Disable, User, accounts, nil, keys{"user_deactivated", "account_deactivated"}},
	{"user.reactivated", Enable, User, accounts, nil, keys{"user_reactivated", "account_reactivated"}},
	{"user.deleted", Delete, User, destroys, nil, keys{"user_deleted", "account_deleted"}},
	{"user.impersonated", Run, User, impersonates, nil, keys{"user_logged_in_as_user"}},
	{"user.two_step.disabled", Disable, Credential, weakens, nil, keys{"twosv_disabled_for_user"}},

	{"group.created", Create, Group, accounts, nil, keys{"group_created"}},
	{"group.deleted", Delete, Group, destroys, nil, keys{"group_deleted"}},
	{"group.member.added", Add, Member, accounts, nil, keys{"group_member_added", "user_added_to_group"}},
	{"group.member.administer.added", Add, Member, promotes, nil, nil},
	{"group.member.removed", Remove, Member, accounts, nil, keys{"group_member_removed", "user_removed_from_group"}},
	{"group.member.administer.removed", Remove, Member, accounts, nil, nil},

	{"session.started", Login, Session, daily, nil, keys{"user_login"}},
	{"session.refused", FailedLogin, Session, refused, nil, keys{"user_login_failed"}},
	{"session.ended", Logout, Session, daily, nil, keys{"user_logout"}},

	{"token.created", Create, Credential, credentials, nil, keys{"api_token_created"}},
	{"token.deleted", Delete, Credential, credentials, nil, keys{"api_token_revoked", "api_token_deleted"}},
}

var organizationAccess = []Action{
	{"permission.organization.administer.added", Grant, Permission, rulesOrganization, nil, keys{"added_org_admin", "group_granted_admin_access"}},
	{"permission.organization.administer.removed", Revoke, Permission, demotes, nil, keys{"removed_org_admin", "group_revoked_admin_access"}},
	{"permission.role.added", Grant, Permission, givesSite, nil, keys{"user_granted_role"}},
	{"permission.role.removed", Revoke, Permission, removes, nil, keys{"user_revoked_role"}},
	{"permission.space.added", Grant, Permission, gives, nil, keys{"confluence_added_space_permission"}},
	{"permission.space.removed", Revoke, Permission, removes, nil, keys{"confluence_removed_space_permission"}},
}

var organizationContents = []Action{
	{"page.created", Create, Content, daily, nil, keys{"confluence_page_created"}},
	{"page.updated", Update, Content, daily, nil, keys{"confluence_page_updated"}},
	{"page.viewed", Read, Content, daily, nil, keys{"confluence_page_viewed"}},
	{"page.deleted", Delete, Content, removes, nil, keys{"confluence_page_deleted"}},
	{"issue.created", Create, Issue, daily, nil, keys{"jira_issue_created"}},
	{"issue.updated", Update, Issue, daily, nil, keys{"jira_issue_updated"}},
	{"issue.viewed", Read, Issue, daily, nil, keys{"jira_issue_viewed"}},
	{"issue.deleted", Delete, Issue, removes, nil, keys{"jira_issue_deleted"}},
	{"restriction.removed", Revoke, Restriction, reveals, nil, keys{"confluence_audit_record_removed_content_restriction"}},
}

var organizationSettings = []Action{
	{"settings.updated", Update, Setting, upkeep, nil, keys{"org_settings_update"}},
	{"policy.updated", Update, Setting, protection, nil, nil},
	{"app.installed", Install, App, runsCode, nil, nil},
}
