package action

// Short names, to keep a row on one line.
type (
	texts = []string
	keys  = []string
)

// Atlassian publishes no list of all keys and texts. In a row of these tables, the texts of its
// documentation and of captured records come first. Other wordings of the same action follow: they
// cost nothing. If a real key differs, the text still finds the row, as long as the system's
// language is English.
var people = []Action{
	{"user.created", Create, User, accounts, texts{"User created", "User added"}, keys{"user.created", "user.added"}},
	{"user.invited", Create, User, accounts, texts{"User invited", "User invite"}, keys{"user.invite", "user.invited"}},
	{"user.updated", Update, User, daily, texts{"User details updated", "User updated", "User details changed"}, keys{"user.updated", "user.details.updated"}},
	{"user.renamed", Update, User, daily, texts{"User renamed", "Username changed"}, keys{"user.renamed", "user.rename"}},
	{"user.deactivated", Disable, User, accounts, texts{"User deactivated", "User disabled", "User suspended"}, keys{"user.deactivated"}},
	{"user.reactivated", Enable, User, accounts, texts{"User reactivated", "User activated", "User enabled"}, keys{"user.reactivated", "user.activated"}},
	{"user.deleted", Delete, User, destroys, texts{"User deleted", "User removed"}, keys{"user.deleted", "user.removed"}},
	{"user.anonymized", Update, User, destroys, texts{"User anonymized", "User anonymised"}, keys{"user.anonymized", "user.anonymised"}},
	{"user.locked", Lock, User, locks, texts{"User locked", "User locked out"}, keys{"user.locked"}},
	{"user.unlocked", Unlock, User, accounts, texts{"User unlocked", "Failed login count reset"}, keys{"user.unlocked"}},
	{"user.password.changed", ChangePassword, User, credentials, texts{"User password changed", "Password changed"}, keys{"user.password.changed", "password.changed"}},
	{"user.password.reset", ResetPassword, User, credentials, texts{"User password reset", "Password reset"}, keys{"user.password.reset", "password.reset"}},
	{"user.password.forgotten", ResetPassword, User, credentials, texts{"Forgot password", "Forgotten password"}, keys{"forgot.password"}},
	{"user.password.forgotten.refused", ResetPassword, User, refused, texts{"Forgot password for unknown user"}, keys{"forgot.password.unknown"}},

	{"group.created", Create, Group, accounts, texts{"Group created", "Group added"}, keys{"group.created", "group.added"}},
	{"group.updated", Update, Group, accounts, texts{"Group updated", "Group renamed"}, keys{"group.updated", "group.renamed"}},
	{"group.deleted", Delete, Group, destroys, texts{"Group deleted", "Group removed"}, keys{"group.deleted", "group.removed"}},
	{"group.member.added", Add, Member, accounts, texts{"User added to group", "Group membership added"}, keys{"group.membership.added", "user.added.to.group"}},
	{"group.member.administer.added", Add, Member, promotes, nil, nil},
	{"group.member.removed", Remove, Member, accounts, texts{"User removed from group", "Group membership removed", "Group membership deleted"},
		keys{"group.membership.removed", "group.membership.deleted", "user.removed.from.group"}},
	{"group.member.administer.removed", Remove, Member, accounts, nil, nil},

	{"session.started", Login, Session, daily, texts{"User login successful", "User logged in", "Login successful", "Successful login"}, keys{"login.success", "login.successful", "user.login.successful"}},
	{"session.refused", FailedLogin, Session, refused, texts{"User login failed", "Login failed", "Failed login"}, keys{"login.failed", "user.login.failed"}},
	{"session.ended", Logout, Session, daily, texts{"User logged out", "User logout", "Logout"}, keys{"user.logout", "logout", "user.logged.out"}},
	{"session.elevated", Login, Session, elevates, texts{"Secure admin session started", "User accessed secure administration", "Admin session started"},
		keys{"sudo.auth.successful", "websudo.login", "secure.admin.login"}},
	{"session.elevation.refused", FailedLogin, Session, refusedAdmin, texts{"Secure admin login failed", "Admin session failed"}, keys{"sudo.auth.failed", "websudo.login.failed"}},
	{"session.elevation.ended", Logout, Session, daily, texts{"Secure admin session ended", "Admin session ended"}, keys{"sudo.logout", "websudo.logout"}},

	{"token.created", Create, Credential, credentials, texts{"Personal access token created", "API token created", "Token created"},
		keys{"personal.access.tokens.audit.log.summary.token.created", "token.created", "personal.access.token.created"}},
	{"token.deleted", Delete, Credential, credentials, texts{"Personal access token deleted", "Personal access token revoked", "API token revoked", "API token deleted", "Token deleted"},
		keys{"personal.access.tokens.audit.log.summary.token.deleted", "token.deleted", "token.revoked", "personal.access.token.deleted", "personal.access.token.revoked"}},
}
