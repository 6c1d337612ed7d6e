package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/state"
)

// moveAgain is how long a log waits that cannot be taken along yet.
const moveAgain = 5 * time.Second

// followMove takes the state of the log along, if the database has it under a former address of the
// site. As with a file, the equal cloud id shows it. It returns when the log may be read under its
// name, or with an error when ctx is done.
//
// A process that still has the former address must give it up first, because it would begin the log
// anew. So while a new configuration is rolled out, the former address is read until the last
// process has the new one.
func (s *shared) followMove(ctx context.Context, member *fleet.Member) error {
	told := ""
	for {
		from, err := s.takeAlong(ctx, member)
		switch {
		case err == nil:
			if from != "" {
				s.logger.Warn(addressChanged(from, s.log))
			}
			s.works()
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fleet.ErrNamed):
			if told != err.Error() {
				s.logger.Warnf("%v: this one waits until all processes have the new address", err)
			}
		default:
			s.fails(err)
			if told != err.Error() {
				s.logger.Errorf("%v; this process stands by, and tries again", fleet.Explained(err))
			}
		}
		told = err.Error()
		select {
		case <-time.After(moveAgain):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// takeAlong returns the former name of a log that it has renamed.
func (s *shared) takeAlong(ctx context.Context, member *fleet.Member) (from string, err error) {
	begun, others, err := member.Begun(ctx, s.log)
	if err != nil || begun || !others {
		return "", err
	}
	asking, cancel := context.WithTimeout(ctx, askAtStart)
	defer cancel()
	id, err := s.cloudID(asking)
	if err != nil {
		return "", fmt.Errorf("ask whether the state of %s is in the database under a former address: %w; or set cloud_id", s.log, err)
	}
	if id == "" {
		return "", nil
	}
	names, err := member.Of(ctx, id)
	for _, name := range names {
		if other := (&state.OtherSite{Is: name, Want: s.log, CloudID: id}); name != s.log && other.Moved(id) {
			return name, member.Rename(ctx, name, s.log)
		}
	}
	return "", err
}

// addressChanged tells that the state of a log was taken along.
func addressChanged(from, to string) string {
	return fmt.Sprintf("api_url was %s and is %s now: the cloud id is the same, so the state is taken along; what was delivered does not come again, and what is read from now on has "+
		"event ids of the new address", from, to)
}
