package initialize

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/examples"
)

const oneInputed = `pipeline:
  inputs:
    - name: confluence
      tag: confluence.audit
      api_url: ${CONFLUENCE_API_URL}
      db: data/confluence.db

  filters:
    - name: rewrite_tag
      match: confluence.audit
      rule: $event_id ^([0-9a-f]) confluence.audit.$1 false

  outputs:
    - name: splunk
      match: confluence.*
      event_sourcetype: confluence:audit
`

const twoInputed = `pipeline:
  inputs:
    - name: confluence
      tag: atlassian.confluence
      api_url: ${CONFLUENCE_API_URL}
      db: data/confluence.db

    # Leave this out if there is no Jira.
    - name: confluence
      # Another log of the same site.
      product: jira
      tag: atlassian.jira
      api_url: ${JIRA_API_URL}
      db: data/jira.db

  filters:
    - name: rewrite_tag
      match: atlassian.confluence
      rule: $event_id ^([0-9a-f]) atlassian.confluence.$1 false
    - name: rewrite_tag
      match: atlassian.jira
      rule: $event_id ^([0-9a-f]) atlassian.jira.$1 false

  outputs:
    - name: splunk
      match: atlassian.*
      event_sourcetype: confluence:audit
`

// A recipe keeps the input of one product, whether it has one input or two.
func TestOnlyInput(t *testing.T) {
	t.Parallel()
	without := func(text, from, to string) string {
		before, rest, _ := strings.Cut(text, from)
		_, after, _ := strings.Cut(rest, to)
		return before + to + after
	}
	confluence := without(twoInputed, "\n    # Leave", "\n  filters")
	confluence = without(confluence, "    - name: rewrite_tag\n      match: atlassian.jira", "\n  outputs")
	jira := without(twoInputed, "    - name: confluence\n", "    # Leave")
	jira = without(jira, "    - name: rewrite_tag\n      match: atlassian.confluence", "    - name: rewrite_tag\n      match: atlassian.jira")
	made := strings.NewReplacer("confluence.audit", "atlassian.jira", "confluence.db", "jira.db", "confluence.*", "atlassian.*").Replace(oneInputed)
	for name, tt := range map[string]struct{ recipe, product, want string }{
		"Confluence of two": {twoInputed, "confluence", confluence},
		"Jira of two":       {twoInputed, "jira", jira},
		"Confluence of one": {oneInputed, "confluence", strings.NewReplacer("confluence.audit", "atlassian.confluence", "confluence.*", "atlassian.*").Replace(oneInputed)},
		"Jira of one":       {oneInputed, "jira", made},
	} {
		if diff := cmp.Diff(tt.want, onlyInput(tt.recipe, tt.product)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What init writes of each recipe has one input, with the tag that the outputs match and without a
// variable of either product.
func TestConfigurationOfEachRecipe(t *testing.T) {
	t.Parallel()
	for _, siem := range append(examples.Names(), toStdout) {
		for _, product := range []string{"confluence", "jira", "organization"} {
			keys := []keyLine{{"api_url", "https://acme.atlassian.net"}, {"product", product}}
			if product == "organization" {
				keys[0] = keyLine{"org_id", "22222222-3333-4444-8555-666666666666"}
			}
			text := configuration(siem, "/folder", keys)
			for part, want := range map[string]int{
				inputLine + "\n": 1, "      product: \"" + product + "\"\n": 1, "      product: ": 1,
				"      tag: atlassian." + product + "\n": 1, "      match: confluence": 0,
				"      db: /folder/data/" + product + ".db\n": 1, "${CONFLUENCE_API": 0, "${JIRA_API": 0, "{CONFLUENCE_USER": 0, "{JIRA_USER": 0,
			} {
				if got := strings.Count(text, part); got != want {
					t.Errorf("%s, %s: %q is there %d times, want %d\n%s", siem, product, part, got, want, text)
				}
			}
			if !strings.Contains(text, "      match: atlassian.") {
				t.Errorf("%s, %s: no output matches the tag\n%s", siem, product, text)
			}
		}
	}
}
