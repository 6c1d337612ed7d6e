package window

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// errStop ends a Read early.
var errStop = errors.New("stop")

// margin is how much more than the time of the record is asked for at either end. Sites may cut
// times to seconds, or leave out what lies at an end.
const margin = 2 * time.Second

// Lists reports whether the source lists a record of time t when it is asked for that time. A site
// that does not list the record it calls its newest hides records.
func Lists(ctx context.Context, source Source, t time.Time) (bool, error) {
	t = t.Truncate(time.Millisecond)
	err := source.Read(ctx, t.Add(-margin), t.Add(margin), func(r atlassian.Record) error {
		if r.Time.Truncate(time.Millisecond).Equal(t) {
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		return true, nil
	}
	return false, err
}
