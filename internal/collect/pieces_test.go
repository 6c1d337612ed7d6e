package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/backoff"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// slowly takes some time for each record, like a host that does not keep up.
func slowly(each time.Duration) func([]byte, time.Time, *document.Document, event.Meta) []byte {
	return func(dst []byte, _ time.Time, doc *document.Document, meta event.Meta) []byte {
		time.Sleep(each)
		return fmt.Appendf(dst, "%s %d\n", doc.Raw(), meta.Late)
	}
}

// The next window is read while one is delivered: a catch-up takes as long as the slower of the
// two, not as long as both together.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	const records = 2_000
	src := &site{latency: time.Second}
	for n := range records {
		src.add(epoch.Add(-time.Duration(n)*10*time.Second), fmt.Sprint("old-", n))
	}
	o := Options{Limits: Limits{Window: window.Limits{Records: 150, Page: 100}}, Encode: slowly(10 * time.Millisecond), PollInterval: time.Hour, Start: epoch.Add(-records * 10 * time.Second)}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		r.pass(32 * time.Second) // one after the other would take 45 s
		if len(r.lines) != records {
			t.Errorf("%d of %d records", len(r.lines), records)
		}
		if last := r.log.lines()[len(r.log.lines())-1]; !strings.Contains(last, fmt.Sprintf("caught up: %d records", records)) {
			t.Errorf("the last line of the log is %q", last)
		}
		seen := make(map[timerange.Range]bool)
		for _, read := range src.asked() {
			if seen[read] {
				t.Errorf("%v was read twice", read)
			}
			seen[read] = true
		}
	})
}

// A failure of reading ahead counts when the range is due, and then the range is read again.
func TestReadAheadFails(t *testing.T) {
	t.Parallel()
	src := &site{latency: time.Second}
	var want []string
	for n := range 1_000 {
		want = append(want, fmt.Sprint("old-", n))
		src.add(epoch.Add(-time.Duration(1_000-n)*10*time.Second), want[n])
	}
	fails := 0
	src.refuse(func(r timerange.Range) error {
		if fails++; r.Length() < time.Hour && fails%5 == 0 {
			return errors.New("connection reset")
		}
		return nil
	})
	o := Options{Limits: Limits{Window: window.Limits{Records: 150, Page: 100}}, Encode: slowly(10 * time.Millisecond), BackfillRequests: 4}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		r.pass(20 * time.Minute)
		got := r.texts() // in no order: while the oldest cannot be read, the newest are delivered
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
}

// Identical records of one millisecond count as several, whatever is listed between them.
func TestTwinsAroundUntimed(t *testing.T) {
	t.Parallel()
	var got []string
	o := Options{Encode: func(dst []byte, _ time.Time, doc *document.Document, meta event.Meta) []byte {
		got = append(got, fmt.Sprint(string(doc.Raw()), meta.Occurrence))
		return append(dst, doc.Raw()...)
	}}
	src := &site{asIs: true}
	for _, text := range []string{`"twin"`, `"untimed"`, `"twin"`, `"untimed"`, `"other"`} {
		at := epoch.Add(-time.Minute)
		if text == `"untimed"` {
			at = time.Time{}
		}
		src.add(at, text)
	}
	bubble(t, src, &store{}, o, func(t *testing.T, r *run) {
		r.pass(5 * time.Second)
		slices.Sort(got)
		want := []string{`"other"0`, `"twin"0`, `"twin"1`, `"untimed"0`, `"untimed"1`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
}

// A piece that takes long does not hold up a poll.
func TestPollsBesideASlowPiece(t *testing.T) {
	t.Parallel()
	st, far := restored()
	src := &site{}
	src.add(epoch.Add(-time.Minute), "newest")
	src.serve = func(ctx context.Context, r timerange.Range, yield func(atlassian.Record) error) error {
		if !r.To.After(far.To) {
			return backoff.Sleep(ctx, 10*time.Minute)
		}
		src.mu.Lock()
		list := slices.Clone(src.records)
		src.mu.Unlock()
		for _, rec := range slices.Backward(list) {
			if r.Contains(rec.Time) {
				if err := yield(rec); err != nil {
					return err
				}
			}
		}
		return nil
	}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(2 * time.Minute)
		src.add(time.Now(), "new")
		r.pass(2 * time.Minute)
		if diff := cmp.Diff([]string{"newest", "new"}, r.texts()); diff != "" {
			t.Errorf("two minutes after a new record (-want +got):\n%s", diff)
		}
	})
}
