package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMisspelt(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"poll_intervall":  "poll_intervall is no key of this plugin: did you mean poll_interval?",
		"pol_interval":    "pol_interval is no key of this plugin: did you mean poll_interval?",
		"api-token":       "api-token is no key of this plugin: did you mean api_token?",
		"apitoken":        "apitoken is no key of this plugin: did you mean api_token?",
		"api_tokne":       "api_tokne is no key of this plugin: did you mean api_token?",
		"username":        "username is no key of this plugin: did you mean user_identifier?",
		"start_form":      "start_form is no key of this plugin: did you mean start_from?",
		"api_token":       "",
		"api_token_file":  "",
		"something_of_us": "",
	} {
		var lines []string
		if want != "" {
			lines = []string{want}
		}
		got := Misspelt(func(name string) string {
			if name == key {
				return "x"
			}
			return ""
		})
		if diff := cmp.Diff(lines, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}
