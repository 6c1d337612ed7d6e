package collect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
)

// Delivered and new twins lie far apart in one window of many batches. Its hundreds of thousands of
// values are more than a document keeps in memory.
func TestTwinsInALargeWindow(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	at := epoch.Add(-time.Hour)
	many := "[" + strings.Repeat("0,", 700) + "0]"
	var want []string
	var hasher document.Hasher
	var doc document.Document
	// id is the event id that the collector should hand over for the n-th record with a text.
	id := func(text string, n int) string {
		doc.Parse([]byte(text))
		return string(event.AppendEventID(nil, &event.Site{URL: "site"}, hasher.Fingerprint(&doc), n))
	}
	src.add(at, "twin", "twin")
	src.add(epoch, "newest") // polls look back from here, and the rescan finds the rest
	o := Options{RescanInterval: 2 * time.Hour}
	o.Encode = func(dst []byte, _ time.Time, doc *document.Document, meta event.Meta) []byte {
		if hasher.Fingerprint(doc) != meta.Fingerprint {
			t.Errorf("the document of another record: %.20s", doc.Raw())
		}
		return fmt.Appendf(dst, "%s %.20s %s\n", event.AppendEventID(nil, &event.Site{URL: "site"}, meta.Fingerprint, meta.Occurrence), doc.Raw(), strings.Repeat("x", 1000))
	}
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		r.pass(5 * time.Second)
		want = append(want, id("newest", 0), id("twin", 0), id("twin", 1))
		for n := range 400 {
			text := fmt.Sprintf(`{"n":%d,"many":%s}`, n, many)
			src.add(at, text)
			want = append(want, id(text, 0))
			if n%100 == 50 {
				src.add(at, "twin", "{}")
			}
		}
		for n := range 4 {
			want = append(want, id("twin", 2+n), id("{}", n))
		}
		st.fail(errors.New("the disk is gone for a moment"))
		r.pass(2*time.Hour + 5*time.Minute)
		slices.Sort(want)
		got := slices.Sorted(slices.Values(r.texts()))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
		if n := r.stats.Records.Load(); int(n) != len(want) {
			t.Errorf("%d records counted, want %d", n, len(want))
		}
		if log := strings.Join(r.log.lines(), "\n"); !strings.Contains(log, "the disk is gone for a moment") {
			t.Errorf("the look-up did not fail:\n%s", log)
		}
	})
}

// A batch is as full as its limit allows: the next event, taken to be as large as the last one,
// would not fit. A record that is larger than the limit has a batch of its own.
func TestBatchSizes(t *testing.T) {
	t.Parallel()
	src := &site{}
	for n, size := range []int{20, 20, 20, 20, 20, 20, 150, 20, 20} {
		src.add(epoch.Add(time.Duration(n-60)*time.Second), strings.Repeat(string(rune('a'+n)), size))
	}
	o := Options{BatchBytes: 100, Encode: func(dst []byte, _ time.Time, doc *document.Document, _ event.Meta) []byte {
		return append(dst, doc.Raw()...)
	}}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		time.Sleep(time.Minute)
		synctest.Wait()
		var sizes []int
		for b := r.Next(); b != nil; b = r.Next() {
			sizes = append(sizes, len(b.Events))
		}
		if want := []int{100, 20, 150, 40}; !slices.Equal(sizes, want) {
			t.Errorf("batches of %v bytes, want %v", sizes, want)
		}
	})
}
