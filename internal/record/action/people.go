package action

// Short names keep a row on a line.
type (
	texts = []string
	keys  = []string
)

// Atlassian publishes no list of keys, and none of all texts. What its documentation and captured records have comes
// first in a row of these tables; what follows are other wordings of the same, which cost nothing. Where a key turns out
// to be another one, the text finds the record all the same as long as the system's language is English.
var people = []Action{
	{"user.created", Create, User, Low, texts{"User created", "User added", "User invited"}, keys{"user.created", "user.added"}},
	{"user.updated", Update, User, Informational, texts{"User details updated", "User updated", "User details changed"}, keys{"user.updated", "user.details.updated"}},
	{"user.renamed", Update, User, Informational, texts{"User renamed", "Username changed"}, keys{"user.renamed", "user.rename"}},
	{"user.deactivated", Disable, User, Low, texts{"User deactivated", "User disabled", "User suspended"}, keys{"user.deactivated"}},
	{"user.reactivated", Enable, User, Low, texts{"User reactivated", "User activated", "User enabled"}, keys{"user.reactivated", "user.activated"}},
	{"user.deleted", Delete, User, Medium, texts{"User deleted", "User removed"}, keys{"user.deleted", "user.removed"}},
	{"user.anonymized", Update, User, Medium, texts{"User anonymized", "User anonymised"}, keys{"user.anonymized", "user.anonymised"}},
	{"user.locked", Lock, User, Medium, texts{"User locked", "User locked out"}, keys{"user.locked"}},
	{"user.unlocked", Unlock, User, Low, texts{"User unlocked", "Failed login count reset"}, keys{"user.unlocked"}},
	{"user.password.changed", ChangePassword, User, Low, texts{"User password changed", "Password changed"}, keys{"user.password.changed", "password.changed"}},
	{"user.password.reset", ResetPassword, User, Low, texts{"User password reset", "Password reset"}, keys{"user.password.reset", "password.reset"}},

	{"group.created", Create, Group, Low, texts{"Group created", "Group added"}, keys{"group.created", "group.added"}},
	{"group.updated", Update, Group, Low, texts{"Group updated", "Group renamed"}, keys{"group.updated", "group.renamed"}},
	{"group.deleted", Delete, Group, Medium, texts{"Group deleted", "Group removed"}, keys{"group.deleted", "group.removed"}},
	{"group.member.added", Add, Member, Low, texts{"User added to group", "Group membership added"}, keys{"group.membership.added", "user.added.to.group"}},
	{"group.member.removed", Remove, Member, Low, texts{"User removed from group", "Group membership removed", "Group membership deleted"},
		keys{"group.membership.removed", "group.membership.deleted", "user.removed.from.group"}},

	{"session.started", Login, Session, Informational, texts{"User login successful", "User logged in", "Login successful", "Successful login"}, keys{"login.successful", "login.success", "user.login.successful"}},
	{"session.refused", FailedLogin, Session, Low, texts{"User login failed", "Login failed", "Failed login"}, keys{"login.failed", "user.login.failed"}},
	{"session.ended", Logout, Session, Informational, texts{"User logged out", "User logout", "Logout"}, keys{"logout", "user.logout", "user.logged.out"}},
	{"session.elevated", Login, Session, Low, texts{"Secure admin session started", "User accessed secure administration", "Admin session started"}, keys{"websudo.login", "secure.admin.login"}},
	{"session.elevation.refused", FailedLogin, Session, Medium, texts{"Secure admin login failed", "Admin session failed"}, keys{"websudo.login.failed"}},

	{"token.created", Create, Credential, Low, texts{"Personal access token created", "API token created", "Token created"}, keys{"token.created", "personal.access.token.created"}},
	{"token.deleted", Delete, Credential, Low, texts{"Personal access token deleted", "Personal access token revoked", "API token revoked", "API token deleted", "Token deleted"},
		keys{"token.deleted", "token.revoked", "personal.access.token.deleted", "personal.access.token.revoked"}},
}
