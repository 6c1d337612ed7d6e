package state

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/timerange"
)

// The content of testdata/version-1.db.gz. Release 0.1.0 wrote it. It must not be changed: every
// later release must go on from it.
var (
	// When the file was last written, and when a bubble begins.
	midnight   = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	delivered  = []atlassian.Record{entry(-20*time.Minute, "Page created"), entry(-20*time.Minute, "Page created"), entry(-15*time.Minute, "Space created"), untimed}
	untimed    = atlassian.Record{Raw: []byte(`{"summary":"Group created","category":"Users and groups"}`)}
	checkpoint = outbox.Checkpoint{
		Origin: midnight.Add(-48 * time.Hour), Head: midnight.Add(-15 * time.Minute), Polled: midnight.Add(-10 * time.Minute), Rescanned: midnight.Add(-time.Hour),
		Pending: []timerange.Range{{From: midnight.Add(-14 * time.Hour), To: midnight.Add(-13 * time.Hour)}},
	}
)

func entry(ago time.Duration, summary string) atlassian.Record {
	at := midnight.Add(ago)
	return atlassian.Record{Time: at, Raw: fmt.Appendf(nil, `{"author":{"displayName":"Ada"},"creationDate":%d,"summary":%q}`, at.UnixMilli(), summary)}
}

// unpack returns a copy of the file of version 1.
func unpack(t *testing.T) string {
	t.Helper()
	packed, err := os.Open("testdata/version-1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// log is an audit log that lists what is in it, the oldest first.
type log []atlassian.Record

func (l log) Read(_ context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	for _, r := range slices.Backward(l) {
		if r.Time.IsZero() || !r.Time.Before(from) && !r.Time.After(to) {
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (log) Changed(_ context.Context, from, to time.Time) ([]timerange.Range, error) {
	return []timerange.Range{{From: from, To: to}}, nil
}

func (log) Retention(context.Context) (time.Duration, error) { return 0, nil }
func (log) Now() time.Time                                   { return time.Now() }
func (l log) Newest(context.Context) (atlassian.Record, bool, error) {
	return l[len(l)-1], true, nil
}

// summary matches the summary of each record in a batch: its name, a byte for its length, and the
// text.
var summary = regexp.MustCompile(`summary.([A-Za-z ]+)`)

// A release goes on from a file of version 1: it delivers new records and those that were still to
// be read, and none again.
func TestGoesOnFromVersion1(t *testing.T) {
	t.Parallel()
	path := unpack(t)
	synctest.Test(t, func(t *testing.T) {
		f := open1(t, path)
		if got, _, err := f.Load(context.Background()); err != nil || !cmp.Equal(checkpoint, got) {
			t.Fatalf("checkpoint (-want +got):\n%s%v", cmp.Diff(checkpoint, got), err)
		}
		source := append(log{entry(-13*time.Hour-30*time.Minute, "still to be read")}, delivered...)
		source = append(source, entry(-15*time.Minute, "a third"), entry(-time.Minute, "new"))
		encoder, err := schema.Encoder(schema.Format{Schema: "raw"}, event.Site{})
		if err != nil {
			t.Fatal(err)
		}
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		c, err := collect.New(context.Background(), source, f, collect.Options{
			PollInterval: time.Minute, Overlap: 10 * time.Minute, RescanInterval: 6 * time.Hour, RescanWindow: 48 * time.Hour, BatchBytes: 1000,
			Log: quiet, Ready: func() {}, Encode: encoder.Append,
		})
		if err != nil {
			t.Fatal(err)
		}
		// long enough for a deep rescan
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Hour)
		defer cancel()
		var got []string
		var host sync.WaitGroup
		host.Go(func() {
			for ctx.Err() == nil {
				for b := c.Next(); b != nil; b = c.Next() {
					for _, m := range summary.FindAllSubmatch(b.Events, -1) {
						got = append(got, string(m[1]))
					}
					c.Acknowledge(b)
				}
				time.Sleep(time.Second)
			}
		})
		c.Run(ctx, ctx)
		host.Wait()
		slices.Sort(got)
		if diff := cmp.Diff([]string{"a third", "new", "still to be read"}, got); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
	})
}

// rename is a step as a later release may have it.
func rename(tx *bolt.Tx) error {
	old := tx.Bucket(seenBucket)
	renamed, err := tx.CreateBucket([]byte("renamed"))
	if err != nil {
		return err
	}
	return old.ForEach(renamed.Put)
}

// The checkpoint is that of before, with the checksum of the new version. A file without one has none
// afterwards.
func TestUpgradeKeepsTheCheckpoint(t *testing.T) {
	t.Parallel()
	for _, head := range []time.Time{now, {}} {
		path := filepath.Join(t.TempDir(), "s.db")
		f := open1(t, path)
		if !head.IsZero() {
			commit(t, f, head)
		}
		f.Close()
		for range 2 {
			f, err := open(path, site, []step{rename})
			if err != nil {
				t.Fatal(err)
			}
			if c, _, _ := f.Load(context.Background()); f.Damaged != "" || !c.Head.Equal(head) {
				t.Errorf("the newest record is of %s, want %s: %v", c.Head, head, f.Why)
			}
			f.Close()
		}
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := unpack(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := func(tx *bolt.Tx) error { return errors.New("broken") }
	if _, err := open(path, site, []step{rename, broken}); err == nil || !strings.Contains(err.Error(), "from version 2 to 3: broken; report this") {
		t.Errorf("error %v", err)
	}
	if _, err := open(path, "https://other.example.com", []step{rename}); err == nil || !strings.Contains(err.Error(), "belongs to") {
		t.Errorf("error %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a file that was not brought forward has changed: %v", err)
	}

	// the second time there is nothing to do, and a step that is done again would fail
	for range 2 {
		f, err := open(path, site, []step{rename})
		if err != nil {
			t.Fatal(err)
		}
		_ = f.disk.db.View(func(tx *bolt.Tx) error {
			if v, n := tx.Bucket(metaBucket).Get(versionKey), tx.Bucket([]byte("renamed")).Stats().KeyN; string(v) != "2" || n != 2 {
				t.Errorf("version %s with %d fingerprints, want 2 with 2", v, n)
			}
			return nil
		})
		f.Close()
	}

	// For the older program the file has a newer version: it must not change it.
	if before, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	_, err = open(path, site, nil)
	want := "state file " + path + " has layout version 2, this program knows up to 1: run the newer program again, or set db to a new file"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the refused file has changed: %v", err)
	}
	if found, _ := filepath.Glob(path + "*"); len(found) != 1 {
		t.Errorf("the refused file is not alone: %v", found)
	}
}
