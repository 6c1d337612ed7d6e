package simulate

import (
	"fmt"
	"slices"
	"time"
)

// Attack is a story of records that detections are made for, as each log records it.
type Attack struct {
	Name string
	Text string // what the attacker does, in a few words

	// The events, oldest first. Empty where the log does not record it.
	cloud      []cloudEvent
	dataCenter []dcEvent
	jira       []jiraEvent
	jiraCenter []dcEvent
	// Of the organization, which is on Cloud: as in organizationCatalogue.
	organization []string
}

// attackPace is the time between two records of an attack.
const attackPace = 10 * time.Second

// attacker does it all. On Data Center, a login that was refused has no author.
var attacker = human{name: "Mallory Quinn", user: "mquinn", account: "712020:66c0ffee-1d34-4f8a-b7e6-5d4c3b2a1f66", key: "8a7f808976f7a0f90176f7a1c2d30066", address: "198.51.100.66"}

const (
	attackerIndex  = 66
	attackerJiraID = "10066"
)

// Attacks returns all attacks, in the order of the manual.
func Attacks() []Attack { return slices.Clone(attacks) }

// RecordedBy returns whether the log of a product on a deployment records anything of the attack.
func (a Attack) RecordedBy(product, deployment string) bool {
	return a.length(Options{Product: product, Deployment: deployment}) > 0
}

func (a Attack) length(o Options) int {
	switch {
	case o.Product == Organization && o.Deployment != Cloud:
		return 0
	case o.Product == Organization:
		return len(a.organization)
	case o.listsRecords():
		return len(a.jira)
	case o.Deployment == Cloud || o.Legacy:
		return len(a.cloud)
	case o.Product == Jira:
		return len(a.jiraCenter)
	}
	return len(a.dataCenter)
}

// attack inserts the records of an attack, which end when the live traffic begins.
func (s *Simulator) attack(name string) error {
	if name == "" {
		return nil
	}
	i := slices.IndexFunc(attacks, func(a Attack) bool { return a.Name == name })
	if i < 0 {
		return fmt.Errorf("play attack %q: there is no such attack", name)
	}
	n := attacks[i].length(s.options)
	if n == 0 {
		return fmt.Errorf("play attack %q: %s does not record it on this deployment", name, s.product().title)
	}
	for step := range n {
		at := s.options.Start.Add(-time.Duration(n-step) * attackPace).Truncate(time.Millisecond).UTC()
		serial := fmt.Sprintf("ATTACK-%06d", step+1)
		var record []byte
		if id := s.ledger.lastID + 1; s.isOrganization() {
			record = s.fill(nil, attacks[i].organization[step], serial, s.eventID(id), at.UnixMilli(), at.UnixMilli())
		} else {
			p := s.attackStep(attacks[i], step)
			record = s.withID(renderOne(p, s.dialect.time, serial, at.UnixMilli()), 0, id)
		}
		s.add(Record{Serial: serial, Time: at, Visible: at, JSON: record})
	}
	return nil
}

// attackStep returns the author of a step, whose only event it is.
func (s *Simulator) attackStep(a Attack, step int) person {
	base := s.base(nil) + s.context
	switch o := s.options; {
	case o.listsRecords():
		return jiraPerson(jiraAuthorOf(attacker, attackerIndex, o.Legacy), "", jiraTemplates(a.jira[step:step+1]))
	case o.Deployment == Cloud || o.Legacy:
		return cloudPerson(attacker, attackerIndex, o.Legacy, cloudTemplates(a.cloud[step:step+1]))
	case o.Product == Jira:
		author := jiraUser(base, attacker.user, attackerJiraID)
		if a.jiraCenter[step].Type.ActionI18nKey == "jira.auditing.user.login.failed" {
			author = nobody
		}
		return jiraCenterPerson(base, attackerIndex, attacker.address, "", "Browser", author, a.jiraCenter[step:step+1], false)
	}
	author := dcUser(base, attacker.name, attacker.user, attacker.key)
	if a.dataCenter[step].Type.ActionI18nKey == "audit.logging.summary.login.failed" {
		author = nobody
	}
	return dcPerson(base, attackerIndex, attacker.address, "", "Browser", author, dcTemplates(a.dataCenter[step:step+1], false))
}

// times returns an event n times; the serial tells them apart.
func times[E any](n int, event E) []E { return slices.Repeat([]E{event}, n) }
