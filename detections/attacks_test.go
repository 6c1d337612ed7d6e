package detections

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// finds are the rules that find each attack. What a log does not record, its attack lacks.
var finds = map[string][]string{
	"open":          {"Atlassian Content Opened to Everybody"},
	"everybody":     {"Administration or Export Granted to All Who Can Log In"},
	"administrator": {"Administrator of the Site Added"},
	"takeover":      {"Administrator of Many Spaces or Projects"},
	"publish":       {"Public Link Turned On"},
	"export":        {"Whole Site Exported", "Space or Project Exported", "Many Pages or Issues Exported"},
	"replace":       {"Whole Site Replaced by an Import"},
	"delete":        {"Many Pages or Issues Deleted", "Several Spaces or Projects Deleted"},
	"blind":         {"Audit Log Weakened"},
	"read-log":      {"Audit Log Read or Exported"},
	"app":           {"App Installed"},
	"token":         {"Access Token Made by an Administrator", "Administrator of the Site Added", "Policy of the Organization Changed"},
	"tokens":        {"Many Access Tokens Made"},
	"impersonate":   {"Administrator Acts as Another User"},
	"scrape":        {"Many Pages or Issues Read"},
	"connect":       {"Application Link, Client or Webhook Changed", "User Directory Changed"},
	"weaken":        {"Allow List Changed", "Security Settings Changed", "Policy of the Organization Changed", "Two-Step Verification Turned Off"},
	"guess":         {"Password Guessed"},
	"spray":         {"Passwords Tried With Many Accounts"},
	"elevate":       {"Secure Administration Refused Repeatedly"},
	"return":        {"Deactivated Account Back"},
	"pry":           {"Restricted Page Read With Admin Key", "Many Restricted Pages Tried"},

	"refused": {"Collector Has Lost Access to the Audit Log"},
	"gap":     {"Gap in the Audit Log"},
	"warning": {"Collector Warns"},
	"limited": {"Collector Rate Limited for Long"},
	"silent":  {"Collector Silent"},
}

var (
	lookOnce sync.Once
	looked   [][]string
)

// ecsAlerts returns the titles of the rules that fire in each play of ecs.
func ecsAlerts(t *testing.T) [][]string {
	t.Helper()
	lookOnce.Do(func() {
		rules := rulesIn(t, "ecs")
		for _, p := range ecs() {
			looked = append(looked, run(t, rules, p.events, nil).alerts(rules))
		}
	})
	return looked
}

// TestAttacks: each attack is found by its rules and by no other, wherever it is recorded, and the
// ordinary week by none.
func TestAttacks(t *testing.T) {
	t.Parallel()
	rules := rulesIn(t, "ecs")
	found, used := map[string]map[string]bool{}, map[string]bool{}
	looked := ecsAlerts(t)
	for i, p := range ecs() {
		alerts := looked[i]
		if p.attack == week {
			if len(alerts) > 0 {
				t.Errorf("%s of %s, %s: %v", p.attack, p.product, p.deployment, alerts)
			}
			continue
		}
		if len(alerts) == 0 {
			t.Errorf("nothing finds %s of %s, %s", p.attack, p.product, p.deployment)
		}
		for _, title := range alerts {
			if found[p.attack] == nil {
				found[p.attack] = map[string]bool{}
			}
			found[p.attack][title], used[title] = true, true
		}
	}
	want := map[string]map[string]bool{}
	for attack, titles := range finds {
		want[attack] = map[string]bool{}
		for _, title := range titles {
			want[attack][title] = true
		}
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	for _, r := range rules {
		if r.alerts() && !used[r.Title] {
			t.Errorf("%s: no attack makes it fire", r.file)
		}
	}
}
