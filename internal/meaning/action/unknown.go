package action

// NotInTable is the action of a record that has no row in the table, and whose verb cannot be
// inferred.
var NotInTable = &Action{Name: "other", Verb: Other, Object: Unknown, Reason: Reason{Informational, "the action is not known"}}

// inferred are the actions of records that have no row in the table but a word that tells the verb,
// by that word. Apps write records of their own, and each version of Confluence has new ones.
var inferred = inferredActions()

func inferredActions() map[string]*Action {
	all := map[string]*Action{}
	for verb, words := range map[Verb][]string{
		Create:    {"created", "added", "copied", "published", "uploaded", "invited", "registered"},
		Delete:    {"deleted", "removed", "purged", "trashed", "erased"},
		Update:    {"updated", "changed", "edited", "modified", "renamed", "toggled", "configured", "reset", "set"},
		Read:      {"viewed", "accessed", "downloaded", "read"},
		Enable:    {"enabled", "activated", "reactivated"},
		Disable:   {"disabled", "deactivated", "suspended"},
		Grant:     {"granted"},
		Revoke:    {"revoked"},
		Share:     {"shared"},
		Import:    {"imported"},
		Export:    {"exported"},
		Move:      {"moved"},
		Archive:   {"archived"},
		Restore:   {"restored", "unarchived", "reverted"},
		Search:    {"searched"},
		Install:   {"installed"},
		Uninstall: {"uninstalled"},
		Run:       {"started", "executed"},
	} {
		a := *NotInTable
		a.Verb = verb
		for _, word := range words {
			all[word] = &a
		}
	}
	return all
}

// infer returns the action of the last word that tells a verb in a key (workflow.approval.created)
// or a text ("Approval rule created"), nil when there is none.
func infer(text []byte) *Action {
	for end := len(text); end > 0; {
		start := end
		for start > 0 && isLetter(text[start-1]) {
			start--
		}
		if a := find(inferred, text[start:end]); a != nil {
			return a
		}
		end = max(start-1, 0)
	}
	return nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }
