package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// auditLog is an audit log that a collector can read. A record without a time has the place of the
// one before it.
type auditLog []atlassian.Record

func (l auditLog) Read(_ context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	var at time.Time
	var found []atlassian.Record
	for _, r := range l {
		if !r.Time.IsZero() {
			at = r.Time
		}
		if !at.Before(from) && !at.After(to) {
			found = append(found, r)
		}
	}
	for _, r := range slices.Backward(found) {
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

func (l auditLog) Changed(_ context.Context, from, to time.Time) ([]timerange.Range, error) {
	return []timerange.Range{{From: from, To: to}}, nil
}
func (l auditLog) Retention(context.Context) (time.Duration, error) { return 0, nil }
func (l auditLog) Now() time.Time                                   { return time.Now() }
func (l auditLog) Newest(context.Context) (atlassian.Record, bool, error) {
	newest := slices.MaxFunc(l, func(a, b atlassian.Record) int { return a.Time.Compare(b.Time) })
	return newest, true, nil
}

// deliveries is how often each event id was delivered, with the text of its record.
type deliveries map[string]int

// collectAll runs a collector over a state file until it has no more to do, or has delivered
// enough.
func collectAll(t *testing.T, path string, l auditLog, start time.Time, enough int) deliveries {
	t.Helper()
	return collectUntil(t, path, l, start, enough, func() {})
}

// collectUntil does the same, and calls end before it stops the collector.
func collectUntil(t *testing.T, path string, l auditLog, start time.Time, enough int, end func()) deliveries {
	t.Helper()
	file, err := Open(path, site)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, n := make(deliveries), 0
	quiet := logrus.New()
	quiet.SetOutput(io.Discard)
	c, err := collect.New(context.Background(), l, file, collect.Options{
		PollInterval: time.Minute, Overlap: 10 * time.Minute, RescanInterval: 6 * time.Hour, RescanWindow: 48 * time.Hour,
		Start: start, Log: quiet, Ready: func() {}, BatchBytes: 1000, Limits: collect.Limits{Window: window.Limits{Records: 20, Page: 20}, Queued: 2000},
		Encode: func(dst []byte, _ time.Time, doc *document.Document, meta event.Meta) []byte {
			late := ""
			if meta.Late > 0 {
				late = " late"
			}
			return fmt.Appendf(dst, "%s %x-%d%s\n", doc.Raw(), meta.Fingerprint, meta.Occurrence, late)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { c.Run(ctx, ctx); close(done) }()
	for range 60 * 60 * 7 { // longer than from one deep rescan to the next
		time.Sleep(time.Second)
		synctest.Wait()
		for b := c.Next(); b != nil && n < enough; b = c.Next() {
			for line := range strings.Lines(string(b.Events)) {
				got[strings.TrimSpace(line)]++
				n++
			}
			c.Acknowledge(b)
			synctest.Wait()
		}
		if n >= enough {
			break
		}
	}
	end()
	cancel()
	<-done
	return got
}

// collectKilled does the same, but leaves the file as it is after a kill.
func collectKilled(t *testing.T, path string, l auditLog, start time.Time, enough int) deliveries {
	t.Helper()
	var left []byte
	got := collectUntil(t, path, l, start, enough, func() {
		var err error
		if left, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	})
	if err := os.WriteFile(path, left, 0o600); err != nil {
		t.Fatal(err)
	}
	return got
}

// Kills after a rewind lose no record: none that is delivered again, and no new one.
func TestKilledAfterARewind(t *testing.T) {
	t.Parallel()
	const all = 1 << 30
	// with fingerprints, and further back
	for _, back := range []time.Duration{30 * time.Hour, 80 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			newest := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
			var l auditLog
			for i := range 440 {
				for range 1 + i%10/9 {
					l = append(l, atlassian.Record{Time: newest.Add(time.Duration(i-439) * 15 * time.Minute), Raw: fmt.Appendf(nil, `{"n":%d}`, i)})
				}
			}
			start := newest.Add(-105 * time.Hour)
			first := collectAll(t, path, l, start, all)
			to := newest.Add(-back)
			if err := Rewind(path, site, to, func(Rewinding) error { return nil }); err != nil {
				t.Fatal(err)
			}
			again, kills := deliveries{}, 0
			for n, enough := range []int{1, 20, 45, 10, 30, all} {
				l = append(l, atlassian.Record{Time: time.Now(), Raw: fmt.Appendf(nil, `{"new":%d}`, n)})
				run := collectKilled
				if enough == all {
					run = collectAll
				}
				for line, n := range run(t, path, l, start, enough) {
					again[line] += n
				}
				kills++
				time.Sleep(time.Second)
			}
			repeats := 0
			for line := range first {
				var n int
				_, _ = fmt.Sscanf(line, `{"n":%d}`, &n)
				if at := newest.Add(time.Duration(n-439) * 15 * time.Minute); !at.Before(to) && again[line] == 0 {
					t.Errorf("%v back: %s has not come again", back, line)
				}
			}
			for n := range kills {
				if c := slices.ContainsFunc(slices.Collect(maps.Keys(again)), func(line string) bool { return strings.HasPrefix(line, fmt.Sprintf(`{"new":%d} `, n)) }); !c {
					t.Errorf("%v back: new record %d has not come", back, n)
				}
			}
			for _, n := range again {
				repeats += n - 1
			}
			if repeats > 100 || len(again) > len(first)+kills {
				t.Errorf("%v back: %d came more than once, %d different ones", back, repeats, len(again))
			}
		})
	}
}

// After a rewind exactly the records since then are delivered again, with the same event ids: none
// older, none missing, none twice. New records are delivered as usual.
func TestRewind(t *testing.T) {
	t.Parallel()
	const all = 1 << 30
	for name, tt := range map[string]struct {
		back        time.Duration // from the newest record
		enough      int           // how much the first run delivers
		notCounted  bool
		neverWanted bool
	}{
		"within the overlap":        {back: 5 * time.Minute, enough: all},
		"within the fingerprints":   {back: 30 * time.Hour, enough: all},
		"to the newest record":      {back: 0, enough: all},
		"before the fingerprints":   {back: 80 * time.Hour, enough: all, notCounted: true},
		"before the first run":      {back: 105 * time.Hour, enough: all, notCounted: true, neverWanted: true},
		"in the middle of catch-up": {back: 60 * time.Hour, enough: 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "state.db")
				newest := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
				var l auditLog
				// one each quarter of an hour, every tenth with a twin, some without a time
				for i := range 440 {
					at := newest.Add(time.Duration(i-439) * 15 * time.Minute)
					text := fmt.Sprintf(`{"n":%d}`, i)
					l = append(l, atlassian.Record{Time: at, Raw: []byte(text)})
					if i%10 == 0 {
						l = append(l, atlassian.Record{Time: at, Raw: []byte(text)})
					}
					if i%50 == 0 {
						l = append(l, atlassian.Record{Raw: fmt.Appendf(nil, `{"untimed":%d}`, i)})
					}
				}
				start := newest.Add(-100 * time.Hour)
				first := collectAll(t, path, l, start, tt.enough)
				to := newest.Add(-tt.back)

				var plan Rewinding
				if err := Rewind(path, site, to, func(p Rewinding) error { plan = p; return nil }); err != nil {
					t.Fatal(err)
				}
				if !plan.To.Equal(to) || plan.Counted.After(to) != tt.notCounted || plan.Began.After(to) != tt.neverWanted {
					t.Errorf("says %+v", plan)
				}
				l = append(l, atlassian.Record{Time: time.Now(), Raw: []byte(`{"new":1}`)})
				again := collectAll(t, path, l, start, all)

				wanted, older := make(map[string]int), 0
				at := time.Time{}
				for _, r := range l {
					if !r.Time.IsZero() {
						at = r.Time
					}
					if !at.Before(to) {
						wanted[string(r.Raw)]++
					}
				}
				got := make(map[string]int)
				for line, n := range again {
					text, id, _ := strings.Cut(line, " ")
					got[text] += n
					switch {
					case n > 1:
						t.Errorf("%s came %d times", line, n)
					case strings.Contains(id, "late"):
						t.Errorf("%s", line)
					case wanted[text] == 0:
						// What the first run had not reached comes too, and is new.
						if older++; first[line] > 0 && !strings.Contains(text, "untimed") {
							t.Errorf("%s is older than %s and came before", line, to)
						}
					case first[line] == 0 && text != `{"new":1}` && tt.enough == all && !tt.neverWanted:
						t.Errorf("%s has not the id that it had", line)
					}
				}
				maps.DeleteFunc(got, func(text string, _ int) bool { return wanted[text] == 0 })
				for text, n := range wanted {
					if got[text] != n {
						t.Errorf("%s came %d times, want %d", text, got[text], n)
					}
				}
				if tt.enough == all && older > 9 {
					t.Errorf("%d older records came", older)
				}
				if !tt.notCounted && tt.enough == all {
					if n := len(again) - 1 - older; cmp.Compare(n, plan.Records) > 0 {
						t.Errorf("said %d records, %d came", plan.Records, n)
					}
				}
			})
		})
	}
}

// A file that is in use, missing, damaged or of another site is refused and not changed. A file is
// not changed either if agree returns an error.
func TestRewindRefused(t *testing.T) {
	t.Parallel()
	agree := func(Rewinding) error { return nil }
	filled := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "s.db")
		f := open1(t, path)
		if err := replace(f, outbox.Commit{Seen: []outbox.Seen{{Key: key(now, 1), Count: 1}}, Checkpoint: outbox.Checkpoint{Head: now}, Now: now}); err != nil {
			t.Fatal(err)
		}
		f.Close()
		return path
	}
	for name, tt := range map[string]struct {
		prepare func(t *testing.T, path string)
		site    string
		to      time.Time
		agree   func(Rewinding) error
		want    string
	}{
		"in use":         {prepare: func(t *testing.T, path string) { open1(t, path) }, want: "in use by process"},
		"missing":        {prepare: func(t *testing.T, path string) { _ = os.Remove(path) }, want: "there is no state file"},
		"damaged":        {prepare: func(t *testing.T, path string) { _ = os.WriteFile(path, []byte("text"), 0o600) }, want: "is damaged"},
		"empty":          {prepare: func(t *testing.T, path string) { _ = os.Truncate(path, 0) }, want: "nothing was delivered yet"},
		"another site":   {site: "https://other.example.com", want: "belongs to"},
		"to come":        {to: now.Add(time.Second), want: "the newest record delivered is of 2026-03-01T12:00:00Z"},
		"does not agree": {agree: func(Rewinding) error { return errors.New("no") }, want: "no"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			if tt.prepare != nil {
				tt.prepare(t, path)
			}
			before, _ := os.ReadFile(path)
			if tt.agree == nil {
				tt.agree = agree
			}
			err := Rewind(path, cmp.Or(tt.site, site), cmp.Or(tt.to, now), tt.agree)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
			if name == "damaged" || name == "missing" {
				if after, _ := os.ReadFile(path); string(after) != string(before) {
					t.Error("the file has changed")
				}
				return
			}
			if found, err := Look(path); err == nil && name != "empty" && !found.Checkpoint.Head.Equal(now) {
				t.Errorf("the checkpoint is %+v", found.Checkpoint)
			}
		})
	}
}

// Look needs no lock, and returns who has it.
func TestLook(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	if _, err := Look(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of no file: %v", err)
	}
	f := open1(t, path)
	if err := replace(f, outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: now, Head: now}, Now: now}); err != nil {
		t.Fatal(err)
	}
	found, err := Look(path)
	if err != nil || found.Site != site || !found.Checkpoint.Head.Equal(now) || !strings.Contains(found.Holder, "process") {
		t.Errorf("got %+v, %v", found, err)
	}
	f.Close()
	if found, err = Look(path); err != nil || found.Holder != "" {
		t.Errorf("got %+v, %v", found, err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Look(path); !IsDamage(err) {
		t.Errorf("of a damaged one: %v", err)
	}
}
