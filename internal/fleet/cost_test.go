package fleet

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// A commit costs one message, whatever is in it, and a lookup another. The numbers in the package
// comment are upper bounds of what is measured here.
func TestCost(t *testing.T) {
	t.Parallel()
	b := empty(t)
	p := proxied(t, b)
	m := joined(t, Options{URL: b.url(), Name: "a", LeaseTime: endless})
	// Only what the stores send is counted.
	stores, err := newDatabase(p.url(), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.stores.close()
	m.stores = stores
	b.lastOf(t, acme, "a")
	lease := hold(t, m.NewCandidate(acme))
	_, version, err := lease.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := now
	commit := func(records int) (c outbox.Commit) {
		for range records {
			at = at.Add(time.Second)
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli())))
			c.Seen = append(c.Seen, outbox.Seen{Key: outbox.Key{Time: at.UnixMilli(), Fingerprint: document.Fingerprint(sum[:])}, Count: 1})
		}
		c.Checkpoint, c.Horizon, c.Now = outbox.Checkpoint{Origin: now, Head: at, Polled: at, Rescanned: at, Watermark: at}, now, now
		return c
	}
	measure := func(what string, statements, bytes int64, work func()) {
		t.Helper()
		count, size := m.stores.statements.Load(), p.sent.Load()+p.answered.Load()
		work()
		count, size = m.stores.statements.Load()-count, p.sent.Load()+p.answered.Load()-size
		t.Logf("%s: %d messages, %d bytes", what, count, size)
		if count != statements || size > bytes {
			t.Errorf("%s cost %d messages and %d bytes, want %d and at most %d", what, count, size, statements, bytes)
		}
	}
	replace := func(c outbox.Commit) func() {
		return func() {
			if version, err = lease.Replace(t.Context(), version, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	replace(commit(1))() // prunes, and opens the connection
	empty, one, full := commit(0), commit(1), commit(3000)
	measure("an empty commit", 1, 1000, replace(empty))
	measure("a commit of one record", 1, 1600, replace(one))
	measure("a commit of 3000 records", 1, 3000*55, replace(full))
	var keys []outbox.Key
	var times []int64
	for _, s := range full.Seen {
		keys, times = append(keys, s.Key), append(times, s.Key.Time)
	}
	measure("counting 3000 keys", 1, 3000*120, func() {
		if got := counts(t, lease, keys...); got[0] != 1 || got[2999] != 1 {
			t.Error(got[0], got[2999])
		}
	})
	measure("looking up 3000 times", 1, 3000*85, func() {
		if found, err := lease.Delivered(t.Context(), times); err != nil || len(found) != 3000 {
			t.Error(len(found), err)
		}
	})
	// A commit prunes nothing while the horizon moves by less than an hour, and
	// at most a bounded number at once.
	old := strconv.Itoa(maxPruned + 500)
	b.query(t, `insert into confluence_audit.seen select id, `+strconv.FormatInt(now.Add(-90*24*time.Hour).UnixMilli(), 10)+` + n, md5(n::text)::uuid, 1
from confluence_audit.log, generate_series(1, `+old+`) n`)
	left := func() string {
		return strings.TrimSpace(b.query(t, "select count(*) from confluence_audit.seen where time < "+strconv.FormatInt(now.UnixMilli(), 10)))
	}
	next := commit(1)
	next.Horizon = now.Add(time.Minute)
	replace(next)()
	if got := left(); got != old {
		t.Errorf("%s of %s are left, although the horizon has hardly moved", got, old)
	}
	for _, want := range []string{"500", "0"} {
		next := commit(1)
		next.Horizon = now.Add(2 * time.Hour)
		measure("a commit that prunes", 1, 2500, replace(next))
		if got := left(); got != want {
			t.Errorf("%s are left, want %s", got, want)
		}
	}
	size := b.query(t, "select pg_total_relation_size('confluence_audit.seen')")
	t.Logf("the table has %s bytes", strings.TrimSpace(size))
}
