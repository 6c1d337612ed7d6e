package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/organization"
)

const (
	// namesAge is how old the names of actions may be: then they are read again.
	namesAge = day
	// namesAgain is how long after a failure that passes by itself they are read again.
	namesAgain = time.Hour
)

// keptNames are the names of actions as they are kept with the state, so that a restart does not
// depend on whether Atlassian tells them again.
type keptNames struct {
	Read    time.Time            `json:"read"`
	Actions map[string][2]string `json:"actions"` // name and group
}

// NamesOf returns the names of actions for an encoder.
func NamesOf(actions []organization.Action) event.Names {
	names := make(event.Names, len(actions))
	for _, a := range actions {
		names[a.ID] = event.Name{Name: []byte(a.Name), Group: []byte(a.Group)}
	}
	return names
}

// recallNames takes the names that are kept with the state into use, and returns when they were
// read, zero if there are none. Without them events are delivered too, so no failure matters.
func (p *Pipeline) recallNames(ctx context.Context, s store) time.Time {
	var kept keptNames
	note, err := s.Kept(ctx)
	if err != nil || note == nil || json.Unmarshal(note, &kept) != nil || len(kept.Actions) == 0 {
		return time.Time{}
	}
	names := make(event.Names, len(kept.Actions))
	for id, of := range kept.Actions {
		names[id] = event.Name{Name: []byte(of[0]), Group: []byte(of[1])}
	}
	p.names.Store(&names)
	return kept.Read
}

// learnNames reads the names of actions once a day, and keeps them with the state, until ctx is
// done. read is when that was last done.
func (p *Pipeline) learnNames(ctx context.Context, client *organization.Client, s store, read time.Time) {
	wait := min(max(time.Until(read.Add(namesAge)), 0), namesAge) // the clock may have been set
	for warned := false; ; {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		actions, err := client.Actions(ctx)
		wait = namesAge
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !warned {
				warned = true
				p.log.Warnf("the names of actions cannot be read, so events come without them: %v", err)
			}
			if refusal, is := errors.AsType[*atlassian.Error](err); is && refusal.Temporary() {
				wait = namesAgain
			}
		case len(actions) > 0:
			warned = false
			p.useNames(ctx, actions, s)
		}
	}
}

// useNames takes names into use, and keeps them.
func (p *Pipeline) useNames(ctx context.Context, actions []organization.Action, s store) {
	names := NamesOf(actions)
	p.names.Store(&names)
	kept := keptNames{Read: time.Now().UTC(), Actions: make(map[string][2]string, len(actions))}
	for _, a := range actions {
		kept.Actions[a.ID] = [2]string{a.Name, a.Group}
	}
	note, err := json.Marshal(kept)
	if err == nil {
		err = s.Keep(ctx, note)
	}
	if err != nil {
		p.log.Debugf("the names of actions are read again after a restart: %v", err)
	}
}
