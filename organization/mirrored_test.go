package organization_test

import (
	"testing"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/organization"
)

// What is left out with mirrored off is what is marked without it: what Confluence and Jira write
// themselves. Events of other products, and of people, are in no other log, or say more there.
func TestMirrored(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]bool{
		"confluence_audit_record_removed_content_restriction": true, "jira_audit_record_x": true,
		"bitbucket_audit_record_x": false, "exported_confluence_audit_record_x": false, "confluence_added_space_permission": false, "confluence_page_viewed": false, "": false,
	} {
		var doc document.Document
		doc.Parse([]byte(`{"attributes":{"action":"` + action + `"}}`))
		if left, marked := organization.Mirrored(action), meaning.OriginOf(&doc).Mirrored; left != want || marked != want {
			t.Errorf("%s: left out %v, marked %v, want %v", action, left, marked, want)
		}
	}
}
