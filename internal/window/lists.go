package window

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// errStop ends a Read early.
var errStop = errors.New("stop")

// Lists reports whether the source lists a record of time t when it is asked for that time. A site
// that does not list the record it calls its newest hides records.
func Lists(ctx context.Context, source Source, t time.Time) (bool, error) {
	t = t.Truncate(time.Millisecond)
	err := source.Read(ctx, t, t, func(r atlassian.Record) error {
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
