package state

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

// After Move the fingerprints belong to the new address, and no longer to the old one.
func TestMove(t *testing.T) {
	t.Parallel()
	const to = "https://wiki.example.com"
	path := filepath.Join(t.TempDir(), "state.db")
	f, err := Open(path, site)
	if err != nil {
		t.Fatal(err)
	}
	head := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	key := outbox.Key{Time: head.UnixMilli()}
	want := outbox.Checkpoint{Origin: head.Add(-time.Hour), Head: head, Polled: head, CloudID: "11111111-2222-4333-8444-555555555555"}
	_, v, _ := f.Load(t.Context())
	if _, err := f.Replace(t.Context(), v, outbox.Commit{Checkpoint: want, Horizon: want.Origin, Now: head, Seen: []outbox.Seen{{Key: key, Count: 3}}}); err != nil {
		t.Fatal(err)
	}
	if err := Move(path, site, to); err == nil {
		t.Error("a file that is in use was moved")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Move(path, "https://other.example.com", to); err == nil {
		t.Error("a file of another site was moved")
	}
	if err := Move(path, site, to); err != nil {
		t.Fatal(err)
	}
	_, err = Open(path, site)
	if other, ok := errors.AsType[*OtherSite](err); !ok || *other != (OtherSite{path, to, site, want.CloudID}) {
		t.Errorf("at the old address: %v", err)
	}
	f, err = Open(path, to)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _, err := f.Load(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, checkpoint (-want +got):\n%s", err, diff)
	}
	if counts, err := f.Count(t.Context(), []outbox.Key{key}); err != nil || counts[0] != 3 {
		t.Errorf("counts %v, %v", counts, err)
	}
}

// TestMovedProduct: a log is that of another product also where both are of one cloud id, or even
// at one address.
func TestMovedProduct(t *testing.T) {
	t.Parallel()
	const former, now, id = "https://former.example.com", "https://acme.atlassian.net", "11111111-2222-4333-8444-555555555555"
	for _, tt := range []struct {
		is, want string
		moved    bool
	}{
		{former, now, true}, {"jira " + former, "jira " + now, true},
		{former, "jira " + now, false}, {"jira " + former, now, false}, {now, "jira " + now, false}, {"jira " + now, now, false},
	} {
		if got := (&OtherSite{Is: tt.is, Want: tt.want, CloudID: id}).Moved(id); got != tt.moved {
			t.Errorf("from %q to %q: moved %v, want %v", tt.is, tt.want, got, tt.moved)
		}
	}
}
