package pipeline

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDelays(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_800_000_000_000)
	ago := func(seconds float64) int64 { return now.UnixMilli() - int64(seconds*1000) }
	var d delays
	d.note(now, []int64{ago(30 * 86400), ago(86400.001), ago(86400), ago(10.001), ago(10), ago(0.5), ago(-60)})
	d.note(now, nil)
	want := Distribution{AtMost: [buckets]uint64{3, 4, 4, 4, 4, 4, 4, 4, 5, 7}, Sum: 2764820.502}
	if diff := cmp.Diff(want, d.distribution()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
