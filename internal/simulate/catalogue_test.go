package simulate

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEveryKindOfEventIsWholeAndCarriesItsSerial(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*dialect{"cloud": cloudDialect(false, false), "legacy": cloudDialect(true, false), "data center": dataCenterDialect("https://confluence.example.com", false, false),
		"jira": jiraDialect(false, false), "legacy jira": jiraDialect(true, false), "jira data center": jiraCenterDialect("https://jira.example.com", false, false),
		"ordinary cloud": cloudDialect(false, true), "ordinary data center": dataCenterDialect("https://confluence.example.com", false, true),
		"ordinary jira": jiraDialect(false, true), "ordinary jira data center": jiraCenterDialect("https://jira.example.com", false, true)} {
		kinds, bytes, records := map[string]bool{}, 0, 0
		for _, p := range d.people {
			for i, event := range p.templates {
				one := p
				one.templates = []template{event}
				record := (&dialect{people: []person{one}, time: d.time}).render(nil, 0, 41, 1700000000123)
				if !json.Valid(record) || !strings.Contains(string(record), "SIM-000042") {
					t.Errorf("%s, kind %d: %s", name, i, record)
				}
				kinds[string(event[0])] = true
				bytes, records = bytes+len(record), records+1
			}
		}
		if len(kinds) < 40 && !strings.HasPrefix(name, "ordinary") {
			t.Errorf("%s has %d kinds of events", name, len(kinds))
		}
		if mean := bytes / records; name == "cloud" && (mean < 600 || mean > 900) {
			t.Errorf("a Cloud record has %d bytes on average", mean)
		}
	}
}

func TestSerialsGrowBeyondTheirPadding(t *testing.T) {
	t.Parallel()
	for index, want := range map[int]string{0: "SIM-000001", 99998: "SIM-099999", 99999: "SIM-100000", 1999999: "SIM-2000000"} {
		if got := string(appendSerial(nil, index)); got != want {
			t.Errorf("%d: %s, want %s", index, got, want)
		}
	}
}
