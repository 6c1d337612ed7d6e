package simulate

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// The ledger shows the same as a naive one that sorts everything each time.
func TestLedgerAgreesWithSorting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		var everything []entry
		for now := int64(0); now < 20; now += rapid.Int64Range(1, 5).Draw(t, "pause") {
			batch := make([]entry, rapid.IntRange(0, 6).Draw(t, "batch"))
			for i := range batch {
				at := rapid.Int64Range(0, 20).Draw(t, "time")
				batch[i] = entry{time: at, visible: at + rapid.Int64Range(0, 10).Draw(t, "late")}
				numbered := batch[i]
				numbered.id = uint32(len(everything) + 1)
				everything = append(everything, numbered)
			}
			l.create(batch, now)
			from, to := rapid.Int64Range(0, 20).Draw(t, "from"), rapid.Int64Range(0, 20).Draw(t, "to")
			start, limit := rapid.IntRange(0, 10).Draw(t, "start"), rapid.IntRange(0, 10).Draw(t, "limit")
			want := slices.DeleteFunc(slices.Clone(everything), func(e entry) bool { return e.visible > now || e.time < from || e.time > to })
			slices.SortFunc(want, func(a, b entry) int { return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(b.id, a.id)) })
			low, high := l.window(from, to)
			if high-low != len(want) {
				t.Fatalf("window of %d, want %d", high-low, len(want))
			}
			want = want[min(start, len(want)):]
			want = want[:min(limit, len(want))]
			if diff := gocmp.Diff(want, l.page(low, high, start, limit), gocmp.AllowUnexported(entry{}), cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
