package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

// An archive gives all that is in a state file, and leaves it as it is.
func TestArchive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	f := open1(t, path)
	checkpoint := outbox.Checkpoint{Origin: now.Add(-time.Hour), Head: now, CloudID: "c"}
	want := []outbox.Seen{
		{Key: key(time.UnixMilli(-5), 1), Count: 1}, {Key: key(now, 1), Count: 1}, {Key: key(now, 2), Count: 300}, {Key: key(now.Add(ms), 0), Count: 2},
		{Key: key(time.Time{}, 3), Count: 1}, {Key: key(time.Time{}, 4), Count: 200},
	}
	dates := []time.Time{{}, {}, {}, {}, now.Add(-time.Minute), now}
	for i, s := range want {
		at := now
		if !dates[i].IsZero() {
			at = dates[i]
		}
		if err := replace(f, outbox.Commit{Seen: []outbox.Seen{s}, Checkpoint: checkpoint, Horizon: time.UnixMilli(-10), Now: at}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenArchive(path); err == nil || !strings.Contains(err.Error(), "is in use by process") {
		t.Errorf("a file in use: %v", err)
	}
	f.Close()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := OpenArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	if a.Site != site || a.Records != 505 || !a.Checkpoint.Equal(checkpoint) {
		t.Errorf("it is of %s, with %d records and %+v", a.Site, a.Records, a.Checkpoint)
	}
	for range 2 {
		var got []outbox.Seen
		var delivered []time.Time
		err := a.Each(func(s outbox.Seen, at time.Time) error {
			got, delivered = append(got, s), append(delivered, at)
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
		if diff := cmp.Diff(dates, delivered); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
	}
	stop := errors.New("stop")
	if err := a.Each(func(outbox.Seen, time.Time) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Each: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
	open1(t, path) // it is unlocked
}

func TestArchiveRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(t *testing.T, path string)
		steps   []step
		want    string
	}{
		"no file":          {prepare: func(*testing.T, string) {}, want: "there is no state file"},
		"an empty one":     {prepare: func(t *testing.T, path string) { write(t, path, "") }, want: ErrEmpty.Error()},
		"one of no run":    {prepare: func(t *testing.T, path string) { open1(t, path).Close() }, want: ErrEmpty.Error()},
		"a damaged one":    {prepare: func(t *testing.T, path string) { write(t, path, strings.Repeat("x", 9000)) }, want: "is damaged"},
		"an older layout":  {prepare: started, steps: []step{nil}, want: "has the older layout version 1: let the input run with it once"},
		"one of two bytes": {prepare: func(t *testing.T, path string) { write(t, path, "no") }, want: "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "s.db")
			tt.prepare(t, path)
			a, err := openArchive(path, tt.steps)
			if err == nil {
				a.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want one with %q", err, tt.want)
			}
		})
	}
}

// started makes a state file of which something was delivered.
func started(t *testing.T, path string) {
	t.Helper()
	f := open1(t, path)
	commit(t, f, now)
	f.Close()
}
