package collect

import (
	"slices"
	"testing"
	"time"
)

// A site that lists nothing for a moment during a catch-up makes no record go missing: records
// listed right after do not prove the empty answer. All records are older than a deep rescan would
// reach.
func TestShortSilenceDuringACatchUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ begin, end time.Duration }{
		"in the middle": {3 * time.Second, 5 * time.Second},
		"longer":        {3 * time.Second, 9 * time.Second},
		// after the poll that begins the catch-up
		"at the beginning": {2 * time.Second, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := long(1000, time.Hour)
			src.latency = time.Second
			bubble(t, src, &store{}, Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
				r.pass(tt.begin)
				src.hush(true)
				r.pass(tt.end - tt.begin)
				src.hush(false)
				r.pass(10 * time.Minute)
				var want []string
				for _, rec := range src.records {
					want = append(want, string(rec.Raw))
				}
				if got := slices.Sorted(slices.Values(r.texts())); !slices.Equal(want, got) {
					t.Errorf("%d records, want %d", len(got), len(want))
				}
				if n := r.count("but lists none"); n > 0 {
					t.Errorf("the silence was noticed by a probe, so this tests nothing")
				}
			})
		})
	}
}
