package detections

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/simulate"
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
	"token":         {"Access Token Made by an Administrator"},
	"connect":       {"Application Link, Client or Webhook Changed", "User Directory Changed"},
	"weaken":        {"Allow List Changed", "Security Settings Changed"},
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

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// play is what one log has of an attack, or of the ordinary week.
type play struct {
	attack, product, deployment string
	events                      []record
}

const week = "ordinary week"

// ecs and raw are the plays in the schemas that rules are for.
var (
	ecs = sync.OnceValue(func() []play { return plays("ecs", true) })
	raw = sync.OnceValue(func() []play { return plays("raw", true) })
)

var (
	lookOnce sync.Once
	looked   [][]string
)

// ecsAlerts returns the titles of the rules that fire in each play of ecs.
func ecsAlerts(t *testing.T) [][]string {
	t.Helper()
	rules := rulesIn(t, "ecs")
	lookOnce.Do(func() {
		for _, p := range ecs() {
			looked = append(looked, run(t, rules, p.events, nil).alerts(rules))
		}
	})
	return looked
}

// plays returns all attacks on each log in a schema and, with weeks, its ordinary week before them.
func plays(schema string, weeks bool) (all []play) {
	for _, product := range []string{simulate.Confluence, simulate.Jira} {
		for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
			render := renderer(schema, product, deployment)
			if weeks {
				all = append(all, ordinaryWeek(product, deployment, len(all) == 0, render))
			}
			for _, a := range simulate.Attacks() {
				if a.RecordedBy(product, deployment) {
					all = append(all, play{a.Name, product, deployment, recordsOf(simulate.New(simulate.Options{Product: product, Deployment: deployment, Start: start, Attack: a.Name}), render)})
				}
			}
			all = append(all, troubles(product, deployment, render)...)
		}
	}
	return all
}

// ordinaryWeek returns the ordinary work of a week. The collector is alike everywhere, so its health
// records are only in one.
func ordinaryWeek(product, deployment string, healthToo bool, render func(time.Time, []byte) record) play {
	o := simulate.Options{Product: product, Deployment: deployment, Seed: 1, Records: 1000, History: 7 * 24 * time.Hour, Start: start, Ordinary: true}
	p := play{week, product, deployment, recordsOf(simulate.New(o), render)}
	if healthToo {
		for at := start.Add(-o.History); at.Before(start); at = at.Add(5 * time.Minute) {
			p.events = append(p.events, render(at, health(at, collect.Heartbeat)))
		}
		noon := start.Add(-24 * time.Hour)
		for _, kind := range []collect.Health{collect.Started, collect.AccessRegained, collect.RateLimited, collect.SiteQuiet} {
			p.events = append(p.events, render(noon, health(noon, kind)))
		}
	}
	slices.SortStableFunc(p.events, func(a, b record) int { return a.at.Compare(b.at) })
	return p
}

// troubles are what can happen to the collector, as its health records tell it.
func troubles(product, deployment string, render func(time.Time, []byte) record) (all []play) {
	for _, trouble := range []struct {
		attack string
		kinds  []collect.Health
	}{
		{"refused", []collect.Health{collect.AccessLost}},
		{"gap", []collect.Health{collect.GapFound}},
		{"warning", []collect.Health{collect.LogEmpty, collect.TokenExpires, collect.APIDeprecated}},
		{"limited", slices.Repeat([]collect.Health{collect.RateLimited}, 4)},
		{"silent", slices.Repeat([]collect.Health{collect.Heartbeat}, 3)},
	} {
		p := play{attack: trouble.attack, product: product, deployment: deployment}
		at := start
		for _, kind := range trouble.kinds {
			at = at.Add(5 * time.Minute)
			p.events = append(p.events, render(at, health(at, kind)))
		}
		if trouble.attack == "silent" { // what another source of the SIEM tells the time by
			p.events = append(p.events, record{at: at.Add(time.Hour)})
		}
		all = append(all, p)
	}
	return all
}

// health returns a health record as the collector writes it.
func health(at time.Time, kind collect.Health) []byte {
	return fmt.Appendf(nil, `{"author":{"type":"user","displayName":"System"},"remoteAddress":"","creationDate":%d,"summary":%q,"description":"what it says","category":"Collector",`+
		`"sysAdmin":false,"superAdmin":false,"affectedObject":{"name":"https://acme.atlassian.net","objectType":"Collector"},"changedValues":[],"associatedObjects":[],"collector":{"name":"confluence"}}`, at.UnixMilli(), kind)
}

func recordsOf(s *simulate.Simulator, render func(time.Time, []byte) record) (events []record) {
	for r := range s.Records() {
		events = append(events, render(r.Time, r.JSON))
	}
	return events
}

// renderer returns a function that makes of a log's record the event of a schema.
func renderer(name, product, deployment string) func(time.Time, []byte) record {
	e, err := schema.Encoder(schema.Format{Schema: name}, event.Site{Product: product, URL: "https://acme.atlassian.net", Deployment: deployment})
	if err != nil {
		panic(err)
	}
	return func(at time.Time, raw []byte) record {
		var doc document.Document
		doc.Parse(raw)
		var value any
		r := record{at: at, fields: map[string]any{}, json: e.AppendJSON(nil, at, &doc, event.Meta{Read: at})}
		if err := json.Unmarshal(r.json, &value); err != nil {
			panic(err)
		}
		flatten(r.fields, "", value)
		return r
	}
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
