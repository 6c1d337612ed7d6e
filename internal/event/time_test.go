package event

import (
	"testing"
	"time"
)

func TestAppendTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -5*3600)
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(1, 1e6-1), time.Unix(1, 45e6), time.Unix(lastSecond, 999999999).In(zone), time.Date(999, 12, 31, 23, 59, 59, 123456789, zone)} {
		if got, want := string(appendTime([]byte("Z"), at)), "Z"+at.UTC().Format("2006-01-02T15:04:05.000Z"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
