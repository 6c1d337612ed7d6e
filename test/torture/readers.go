package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A lease is the time in which the database had a log as a process's own: from when it took it
// until it, or anybody else, wrote something else there.
type lease struct {
	process  int
	from, to time.Time
}

// leases returns those of each site, oldest first.
func (g *group) leases() (map[string][]lease, error) {
	text, err := g.database.Query(database, "select coalesce(json_agg(row_to_json(t) order by number), '[]') from lease t")
	if err != nil {
		return nil, err
	}
	var notes []struct {
		At                  time.Time
		Log, Token, Process string
	}
	if err := json.Unmarshal([]byte(text), &notes); err != nil {
		return nil, fmt.Errorf("read the leases: %w", err)
	}
	end := time.Now().Add(time.Hour)
	all := make(map[string][]lease)
	for host := range g.sites {
		var those []lease
		open := false
		for _, n := range notes {
			if !strings.Contains(n.Log, host) {
				continue
			}
			if open {
				those[len(those)-1].to = n.At
			}
			if open = n.Token != ""; open {
				process, err := strconv.Atoi(n.Process)
				if err != nil {
					return nil, fmt.Errorf("read the leases: %w", err)
				}
				those = append(those, lease{process, n.At, end})
			}
		}
		all[host] = those
	}
	return all, nil
}

// underWay is how long after its end a request of a lease may arrive: it was sent before, and the
// machine was busy. A process that was suspended sends, when it goes on, what it was about to send
// before it sees the time; then this counts from its return.
const underWay = time.Second

// strangers returns the requests of processes that did not hold the log, and how many were under
// way. As each log has one lease at a time, no two processes read one site within leaseTime if
// there are none.
func (g *group) strangers(leases map[string][]lease) (strangers []request, late int) {
	for _, q := range g.requests.all {
		switch held := leases[q.host]; {
		case within(held, q, 0):
		case within(held, q, underWay), g.diary.returned(q.process, q.began) && within(held, q, 2*longer):
			late++
		default:
			strangers = append(strangers, q)
		}
	}
	return strangers, late
}

func within(held []lease, q request, after time.Duration) bool {
	return slices.ContainsFunc(held, func(t lease) bool {
		return t.process == q.process && !q.began.Before(t.from) && !q.began.After(t.to.Add(after))
	})
}

// returned reports whether a process had just gone on after it was suspended. Its first requests
// may be here before the end of the suspension is noted.
func (d *diary) returned(process int, at time.Time) bool {
	return slices.ContainsFunc(d.troubles, func(t *trouble) bool {
		return t.process == process && strings.HasPrefix(t.name, "suspended") && t.from.Before(at) && at.Before(t.to.Add(underWay))
	})
}

// takeOver returns the longest time from a kill until another process, or the same one again, had a
// log that the killed one held. Calm is the longest of those during which nothing else happened to
// anybody.
func (g *group) takeOver(leases map[string][]lease) (longest, calm time.Duration) {
	for _, kill := range g.diary.troubles {
		if !strings.HasPrefix(kill.name, "killed") {
			continue
		}
		for _, those := range leases {
			for i, t := range those[:max(0, len(those)-1)] {
				if t.process != kill.process || kill.from.Before(t.from) || kill.from.After(t.to) {
					continue
				}
				took := those[i+1].from.Sub(kill.from)
				longest = max(longest, took)
				if !slices.ContainsFunc(g.diary.troubles, func(o *trouble) bool {
					return o != kill && o.from.Before(those[i+1].from) && o.to.Add(leaseTime).After(kill.from)
				}) {
					calm = max(calm, took)
				}
			}
		}
	}
	return longest, calm
}
