package examples

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files anew that are made from the recipes")

const organizationHead = `# The recipe with the log of the organization (Atlassian Guard) as a third input.
#
#   fluent-bit -e build/in_confluence.so -c examples/%s/organization.yaml
#
# It wants the variables of fluent-bit.yaml, and these:
#
#   ORGANIZATION_ORG_ID            what stands behind /o/ in the address of admin.atlassian.com
#   ORGANIZATION_API_KEY           API key of the organization, with the scope read:events:admin
`

// organizationVariables are further ones that a recipe needs.
var organizationVariables = map[string]string{
	"secops": `#   SECOPS_ORGANIZATION_LOG_TYPE   the log type that your Google SecOps has for these events, or one of your own
`,
}

var (
	jiraInput  = regexp.MustCompile(`(?m)^    - name: confluence\n      alias: jira\n(?:      .*\n)*`)
	jiraOutput = regexp.MustCompile(`(?m)^    - name: .*\n      match: atlassian\.jira\n(?:      .*\n)*`)
)

// TestOrganization: each recipe has a file with a third input, which is like that for Jira. It is a
// file of its own, because without an API key Fluent Bit would not start.
func TestOrganization(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		input := jiraInput.FindString(Recipe(name))
		if input == "" {
			t.Errorf("%s has no input for Jira", name)
			continue
		}
		third := strings.NewReplacer("alias: jira", "alias: organization", "tag: atlassian.jira", "tag: atlassian.organization", "product: jira", "product: organization",
			"${JIRA_API_URL}", "${ORGANIZATION_API_URL:-https://api.atlassian.com}", "user_identifier: ${JIRA_USER_IDENTIFIER}", "org_id: ${ORGANIZATION_ORG_ID}",
			"api_token: ${JIRA_API_TOKEN}", "api_key: ${ORGANIZATION_API_KEY}", "/jira.db", "/organization.db", "${CONFLUENCE_POLL_INTERVAL", "${ORGANIZATION_POLL_INTERVAL")
		want := fmt.Sprintf(organizationHead, name) + organizationVariables[name] + "\nincludes:\n  - fluent-bit.yaml\n\npipeline:\n  inputs:\n" + third.Replace(input)
		if output := jiraOutput.FindString(Recipe(name)); output != "" {
			want += "\n  outputs:\n" + strings.NewReplacer("atlassian.jira", "atlassian.organization", "log_type: ATLASSIAN_JIRA", "log_type: ${SECOPS_ORGANIZATION_LOG_TYPE}").Replace(output)
		}
		file := filepath.Join(name, "organization.yaml")
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if diff := cmp.Diff(want, string(have)); diff != "" {
			t.Errorf("%s is out of date, run go test ./examples -update (-want +have): %v\n%s", file, err, diff)
		}
		if bytes.Contains(have, []byte("JIRA")) {
			t.Errorf("%s names Jira", file)
		}
	}
}
