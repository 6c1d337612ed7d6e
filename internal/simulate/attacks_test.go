package simulate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Each record of an attack is whole, carries its serial, and ends before the live traffic; where
// records have ids, it has one of its own.
func TestAttacks(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, a := range Attacks() {
		logs := 0
		for _, product := range []string{Confluence, Jira, Organization} {
			for _, deployment := range []string{Cloud, DataCenter} {
				if !a.RecordedBy(product, deployment) {
					continue
				}
				logs++
				ids := map[string]bool{}
				n := 0
				for r := range New(Options{Product: product, Deployment: deployment, Records: 10, Ordinary: true, Attack: a.Name, Start: start}).Records() {
					if !strings.HasPrefix(r.Serial, "ATTACK-") {
						continue
					}
					n++
					if !json.Valid(r.JSON) || !strings.Contains(string(r.JSON), r.Serial) || !r.Time.Before(start) {
						t.Errorf("%s of %s, %s: %s at %v", a.Name, product, deployment, r.JSON, r.Time)
					}
					var record struct{ ID json.RawMessage }
					_ = json.Unmarshal(r.JSON, &record)
					if id := string(record.ID); (product == Jira && deployment == Cloud || product == Organization) && (id == "" || ids[id]) {
						t.Errorf("%s of %s: id %s in %s", a.Name, product, id, r.JSON)
					}
					ids[string(record.ID)] = true
				}
				if n == 0 {
					t.Errorf("%s of %s, %s has no records", a.Name, product, deployment)
				}
			}
		}
		if logs == 0 || a.Text == "" {
			t.Errorf("attack %q: in %d logs, text %q", a.Name, logs, a.Text)
		}
	}
}

func TestAttackThatCannotBePlayed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"flood": `play attack "flood": there is no such attack`,
		"guess": `play attack "guess": Confluence does not record it on this deployment`,
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			}()
			New(Options{Attack: name})
		}()
	}
}
