package detections

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/simulate"
)

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// play is what one log has of an attack, or of the ordinary week.
type play struct {
	attack, product, deployment string
	lines                       []entry
	events                      []record // the lines in a schema
}

// entry is a record as the log has it; without a text, it only tells the time.
type entry struct {
	at   time.Time
	text []byte
}

const week = "ordinary week"

// scripts are the ordinary week of each log and all attacks on it.
var scripts = sync.OnceValue(func() (all []play) {
	for _, product := range []string{simulate.Confluence, simulate.Jira, simulate.Organization} {
		for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
			if product == simulate.Organization && deployment != simulate.Cloud {
				continue
			}
			all = append(all, ordinaryWeek(product, deployment))
			for _, a := range simulate.Attacks() {
				if a.RecordedBy(product, deployment) {
					o := simulate.Options{Product: product, Deployment: deployment, Start: start, Attack: a.Name}
					all = append(all, play{attack: a.Name, product: product, deployment: deployment, lines: linesOf(o)})
				}
			}
		}
	}
	return append(all, troubles...)
})

func linesOf(o simulate.Options) (lines []entry) {
	for r := range simulate.New(o).Records() {
		lines = append(lines, entry{r.Time, r.JSON})
	}
	return lines
}

// ordinaryWeek returns the ordinary work of a week, with what the collector says of itself on its
// last day.
func ordinaryWeek(product, deployment string) play {
	o := simulate.Options{Product: product, Deployment: deployment, Seed: 1, Records: 1000, History: 7 * 24 * time.Hour, Start: start, Ordinary: true}
	p := play{attack: week, product: product, deployment: deployment, lines: linesOf(o)}
	for at := start.Add(-24 * time.Hour); at.Before(start); at = at.Add(5 * time.Minute) {
		p.lines = append(p.lines, health(at, collect.Heartbeat))
	}
	for _, kind := range []collect.Health{collect.Started, collect.AccessRegained, collect.RateLimited, collect.SiteQuiet} {
		p.lines = append(p.lines, health(start.Add(-12*time.Hour), kind))
	}
	slices.SortStableFunc(p.lines, func(a, b entry) int { return a.at.Compare(b.at) })
	return p
}

// troubles are what can happen to the collector, as its health records tell it. They are alike in
// all logs.
var troubles = []play{
	trouble("refused", collect.AccessLost),
	trouble("gap", collect.GapFound),
	trouble("warning", collect.LogEmpty, collect.TokenExpires, collect.APIDeprecated),
	trouble("limited", slices.Repeat([]collect.Health{collect.RateLimited}, 4)...),
	trouble("silent", slices.Repeat([]collect.Health{collect.Heartbeat}, 3)...),
}

func trouble(attack string, kinds ...collect.Health) play {
	p := play{attack: attack, product: simulate.Confluence, deployment: simulate.Cloud}
	at := start
	for _, kind := range kinds {
		at = at.Add(5 * time.Minute)
		p.lines = append(p.lines, health(at, kind))
	}
	if attack == "silent" { // what another source of the SIEM tells the time by
		p.lines = append(p.lines, entry{at: at.Add(time.Hour)})
	}
	return p
}

// health returns a health record as the collector writes it.
func health(at time.Time, kind collect.Health) entry {
	return entry{at, fmt.Appendf(nil, `{"author":{"type":"user","displayName":"System"},"remoteAddress":"","creationDate":%d,"summary":%q,"description":"what it says","category":"Collector",`+
		`"sysAdmin":false,"superAdmin":false,"affectedObject":{"name":"https://acme.atlassian.net","objectType":"Collector"},"changedValues":[],"associatedObjects":[],"collector":{"name":"confluence"}}`, at.UnixMilli(), kind)}
}

// ecs and raw are the plays in the schemas that rules are for.
var (
	ecs = sync.OnceValue(func() []play { return plays("ecs", true) })
	raw = sync.OnceValue(func() []play { return plays("raw", true) })
)

// plays returns the scripts in a schema, with or without the ordinary weeks.
func plays(schema string, weeks bool) (all []play) {
	for _, p := range scripts() {
		if p.attack == week && !weeks {
			continue
		}
		render := renderer(schema, p.product, p.deployment)
		for _, line := range p.lines {
			p.events = append(p.events, render(line))
		}
		all = append(all, p)
	}
	return all
}

// renderer returns a function that makes of a log's record the event of a schema.
func renderer(name, product, deployment string) func(entry) record {
	e, err := schema.Encoder(schema.Format{Schema: name}, event.Site{Product: product, URL: "https://acme.atlassian.net", Deployment: deployment})
	if err != nil {
		panic(err)
	}
	return func(line entry) record {
		r := record{at: line.at, fields: map[string]any{}}
		if line.text == nil {
			return r
		}
		var doc document.Document
		doc.Parse(line.text)
		r.json = e.AppendJSON(nil, line.at, &doc, event.Meta{Read: line.at})
		var value any
		if err := json.Unmarshal(r.json, &value); err != nil {
			panic(err)
		}
		flatten(r.fields, "", value)
		return r
	}
}
