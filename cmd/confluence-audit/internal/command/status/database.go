package status

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/guest"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/terminal"
)

// sharing is what the database tells of the log of an input, which several processes can read.
type sharing struct {
	Holder  string     `json:"holder,omitempty"` // the process that reads the log
	Here    bool       `json:"here"`             // it has the name of this machine
	Epoch   int64      `json:"epoch"`            // how often the log was taken
	Lease   *time.Time `json:"lease_until,omitempty"`
	Members []string   `json:"members"` // the living ones, by name

	left time.Duration // of the lease
}

// readDatabases asks each database once, and adds what it tells.
func (all *overview) readDatabases(ctx context.Context) {
	var addresses []string
	inputs := make(map[string][]*inputStatus)
	for _, s := range all.Inputs {
		if s.database == nil {
			continue
		}
		address := s.database.Database
		if inputs[address] == nil {
			addresses = append(addresses, address)
		}
		inputs[address] = append(inputs[address], s)
	}
	found, failed := make([]fleet.Overview, len(addresses)), make([]error, len(addresses))
	inParallel(ctx, len(addresses), func(i int) {
		found[i], failed[i] = guest.View(ctx, *inputs[addresses[i]][0].database)
	})
	if ctx.Err() != nil {
		return
	}
	here, _ := os.Hostname()
	for i, address := range addresses {
		for _, s := range inputs[address] {
			if failed[i] != nil {
				s.unshared(failed[i])
			} else {
				s.share(found[i], here)
			}
		}
		if failed[i] == nil {
			all.judgeMembership(found[i], guest.Shown(address), here)
		}
	}
}

// unshared adds a finding about a database that tells nothing.
func (s *inputStatus) unshared(err error) {
	if fleet.NoTables(err) {
		s.add(finding{Level: person, Text: "the database has no tables yet: no process has joined", Detail: s.DB,
			Remedy: "start Fluent Bit; if it runs, its log says why it cannot make them"})
		return
	}
	s.add(finding{Level: person, Text: "the database does not tell who reads the log", Detail: terminal.Plain(err.Error()), Remedy: fleet.Remedy(err)})
}

// share adds what the database tells of the log. The checkpoint counts where Fluent Bit does not
// tell how far it is: another process reads, or none.
func (s *inputStatus) share(o fleet.Overview, here string) {
	row := o.Log(s.log)
	members := []string{}
	for _, m := range o.Living() {
		members = append(members, terminal.Plain(m.Name))
	}
	s.Shared = &sharing{Holder: terminal.Plain(o.Reader(row)), Epoch: row.Epoch, Members: members}
	if !row.Committed.IsZero() {
		s.StateWritten = &row.Committed
	}
	if s.Shared.Holder != "" {
		s.Shared.Here, s.Shared.Lease, s.Shared.left = row.Holder == here, &row.Expires, row.Expires.Sub(o.Now)
	} else {
		s.judgeUnread(o)
	}
	if s.metrics != nil && !s.standsBy() {
		return
	}
	c := row.Checkpoint
	if s.LastPoll = nil; !c.Polled.IsZero() {
		s.LastPoll = &c.Polled
	}
	if s.Newest = nil; c.Head.After(c.Origin) {
		s.Newest = &c.Head
	}
	if left := c.Left(); left > 0 {
		s.CatchUp = new(left.Seconds())
	}
}

// standsBy returns whether Fluent Bit says that another process may read the log.
func (s *inputStatus) standsBy() bool {
	holds, tells := s.metrics.Values["holds_log"]
	return s.database != nil && tells && holds == 0
}

// judgeUnread adds a finding about a log that nobody reads.
func (s *inputStatus) judgeUnread(o fleet.Overview) {
	const text = "no process reads the log"
	members := o.Living()
	holds := func(id string) (n int) {
		for _, r := range o.Logs {
			if r.Member == id {
				n++
			}
		}
		return n
	}
	room := slices.ContainsFunc(members, func(m fleet.MemberRow) bool { return m.Max == 0 || holds(m.ID) < m.Max })
	switch {
	case len(members) == 0:
		s.add(finding{Level: person, Text: text + ": none is there", Remedy: "start Fluent Bit; if it runs, its log says why it does not reach the database"})
	case !room:
		s.add(finding{Level: person, Text: text + ": each has as many as it may", Remedy: "raise fleet_max_sites, or start another process"})
	default:
		s.add(finding{Level: person, Text: text, Remedy: "look again in a minute: after a start or a kill this passes; if it stays, no process has this input, or their logs say why they do not read it"})
	}
}

// judgeMembership adds a finding if the process of this machine does not take part.
func (all *overview) judgeMembership(o fleet.Overview, where, here string) {
	if slices.ContainsFunc(o.Living(), func(m fleet.MemberRow) bool { return m.Name == here }) {
		return
	}
	f := finding{Level: note, Text: fmt.Sprintf("no process with the name of this machine, %s, is in %s", here, where),
		Remedy: "run status where Fluent Bit runs, in its container if it has one"}
	if all.Answers {
		f.Level, f.Remedy = person, f.Remedy+"; if this is there, Fluent Bit's log says why it has not joined"
	}
	all.add(f)
}

// text returns who reads the log, for people.
func (s *sharing) text() string {
	by := "nobody"
	if s.Holder != "" {
		by = s.Holder
		if s.Here {
			by += ", this machine"
		}
		by += fmt.Sprintf(", epoch %d, lease of %s left", s.Epoch, words.About(s.left))
	}
	return by
}

// membersText returns who takes part, for people.
func (s *sharing) membersText() string {
	if len(s.Members) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %s", len(s.Members), words.Some(s.Members))
}
