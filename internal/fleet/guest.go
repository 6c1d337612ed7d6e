package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// guest is what the row of a guest has for how many logs it takes.
const guest = -1

func (o Options) most() int {
	if o.Guest {
		return guest
	}
	return max(0, o.Max)
}

// settled returns how long ago a member counts as joined when it joins. A guest waits for nobody.
func (o Options) settled() time.Duration {
	if o.Guest {
		return o.settling()
	}
	return 0
}

// visitLeases bounds how long a visit waits, in leases: for the lease of a member that was killed,
// for that after a start of the database, and for what a holder has in flight.
const visitLeases = 4

// Visit holds a log for a moment, and calls do with it. The member must be a guest: it comes before
// all others, so the process that reads the log finishes what is in flight, saves it, and gives the
// log away, as to any other member. Afterwards that one has it back.
//
// So a change by do has one writer, like all others. Nobody reads the log meanwhile.
func (m *Member) Visit(ctx context.Context, log string, do func(*Lease) error) error {
	waiting, cancel := context.WithTimeoutCause(ctx, m.waits, errWaited)
	defer cancel()
	candidate := m.NewCandidate(log)
	defer func() { _ = candidate.Close() }() // what cannot be released now, others take when the lease is over
	lease, err := candidate.Acquire(waiting)
	switch {
	case err == nil:
		return do(lease)
	case errors.Is(context.Cause(waiting), errWaited):
		return m.kept(ctx, log)
	}
	return fmt.Errorf("take %s: %w", log, err)
}

var errWaited = errors.New("waited for too long")

// kept returns the error of a visit to a log that nobody gave away.
func (m *Member) kept(ctx context.Context, log string) error {
	waited := fmt.Sprintf("take %s: it was not given away within %s, and nothing has changed", log, m.waits)
	o, err := m.own.overview(ctx, m.patience())
	if err != nil {
		return fmt.Errorf("%s: %w", waited, err)
	}
	i := slices.IndexFunc(o.Logs, func(r LogRow) bool { return r.Name == log && r.Holder != "" })
	if i < 0 {
		return fmt.Errorf("%s: nobody reads it, so try again; the log of the database may say more", waited)
	}
	return fmt.Errorf("%s: %s reads it, and must first hand over what it has read; its log says why it cannot; or stop it, and try again", waited, o.Logs[i].Holder)
}
