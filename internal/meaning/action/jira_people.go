package action

// In a row of these tables, the texts and keys of Atlassian's documentation and of captured records
// come first. What follows them is another wording of the same action.
var jiraPeople = []Action{
	{"user.created", Create, User, accounts, texts{"User created", "User added"}, keys{"user.created"}},
	{"user.invited", Create, User, accounts, texts{"User invited"}, keys{"user.invited"}},
	{"user.updated", Update, User, daily, texts{"User updated", "User details updated"}, keys{"user.updated"}},
	{"user.renamed", Update, User, daily, texts{"User renamed", "Username changed"}, keys{"user.renamed"}},
	{"user.key.updated", Update, User, daily, texts{"User key changed"}, keys{"user.key.changed"}},
	{"user.deactivated", Disable, User, accounts, texts{"User deactivated", "User disabled", "User suspended"}, keys{"user.deactivated"}},
	{"user.reactivated", Enable, User, accounts, texts{"User reactivated", "User activated", "User enabled"}, keys{"user.reactivated", "user.activated"}},
	{"user.deleted", Delete, User, destroys, texts{"User deleted", "User removed"}, keys{"user.deleted"}},
	{"user.anonymized", Update, User, destroys, texts{"User anonymized", "User anonymised"}, keys{"user.anonymized"}},
	{"user.anonymization.started", Update, User, destroys, texts{"User anonymization started"}, keys{"user.anonymization.started"}},
	{"user.locked", Lock, User, locks, texts{"User locked", "User locked out"}, keys{"user.locked"}},
	{"user.unlocked", Unlock, User, accounts, texts{"User unlocked", "Failed login count reset"}, keys{"user.unlocked"}},
	{"user.password.changed", ChangePassword, User, credentials, texts{"User's password changed", "User password changed", "Password changed"}, keys{"user.password.changed"}},
	{"user.password.reset", ResetPassword, User, credentials, texts{"User's password reset", "User password reset", "Password reset"}, keys{"user.password.reset"}},

	{"group.created", Create, Group, accounts, texts{"Group created", "Group added"}, keys{"group.created"}},
	{"group.updated", Update, Group, accounts, texts{"Group updated", "Group renamed"}, keys{"group.updated", "group.renamed"}},
	{"group.deleted", Delete, Group, destroys, texts{"Group deleted", "Group removed"}, keys{"group.deleted"}},
	{"group.member.added", Add, Member, accounts, texts{"User added to group"}, keys{"user.added.to.group"}},
	{"group.member.administer.added", Add, Member, promotes, nil, nil},
	{"group.member.removed", Remove, Member, accounts, texts{"User removed from group"}, keys{"user.removed.from.group"}},
	{"group.member.administer.removed", Remove, Member, accounts, nil, nil},
	{"group.subgroup.added", Update, Group, accounts, texts{"Group added to group"}, keys{"group.added.to.group"}},
	{"group.subgroup.administer.added", Update, Group, promotes, nil, nil},
	{"group.subgroup.removed", Update, Group, accounts, texts{"Group removed from group"}, keys{"group.removed.from.group"}},
	{"group.subgroup.administer.removed", Update, Group, accounts, nil, nil},

	{"session.started", Login, Session, daily, texts{"User logged in", "User login successful"}, keys{"user.logged.in"}},
	{"session.refused", FailedLogin, Session, refused, texts{"User login failed", "Login failed"}, keys{"user.login.failed"}},
	{"session.ended", Logout, Session, daily, texts{"User logged out"}, keys{"user.logged.out"}},
	{"session.elevated", Login, Session, elevates, texts{"WebSudo session started", "Websudo session has been started", "Secure admin session started"}, keys{"websudo.session.started"}},
	{"session.elevation.refused", FailedLogin, Session, refusedAdmin, texts{"WebSudo login failed", "Secure admin login failed"}, keys{"websudo.login.failed", "websudo.session.failed"}},
	{"session.elevation.ended", Logout, Session, daily, texts{"WebSudo session invalidated", "WebSudo session ended", "Secure admin session ended"}, keys{"websudo.session.invalidated"}},

	{"token.created", Create, Credential, credentials, texts{"Personal access token created", "API token created"}, keys{"personal.access.tokens.audit.log.summary.token.created"}},
	{"token.deleted", Delete, Credential, credentials, texts{"Personal access token deleted", "Personal access token revoked", "API token revoked", "API token deleted"}, keys{"personal.access.tokens.audit.log.summary.token.deleted"}},
}
