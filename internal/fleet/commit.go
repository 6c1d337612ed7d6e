package fleet

import (
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/outbox"
)

// maxPruned bounds how many fingerprints one commit removes; the next removes more.
const maxPruned = 20_000

// pruning is what a lease knows of the fingerprints that are no longer needed.
type pruning struct {
	horizon int64     // all before it were removed, Unix milliseconds; 0 at first
	begun   bool      // there is a horizon
	untimed time.Time // when those without a time were last pruned
}

// A change is a commit as it is written.
type change struct {
	put, remove               columns // with a time
	putUntimed, removeUntimed columns
	horizon, now, oldest      int64
	prune, pruneUntimed       bool
	pruned                    int // the place of the result that tells how many were removed
}

func (l *Lease) changeOf(c outbox.Commit) *change {
	w := &change{horizon: c.Horizon.UnixMilli(), now: c.Now.UnixMilli()}
	for _, s := range sorted(c.Seen) {
		switch {
		case s.Count == 0 && s.Key.Time == 0:
			w.removeUntimed.add(s)
		case s.Count == 0:
			w.remove.add(s)
		case s.Key.Time == 0:
			w.putUntimed.add(s)
		case s.Key.Time >= w.horizon:
			w.put.add(s)
		}
	}
	// The horizon moves a little with each commit. A statement that finds little to remove costs as
	// much as one that finds an hour of it.
	w.prune = !l.begun || w.horizon-l.horizon >= time.Hour.Milliseconds()
	w.pruneUntimed = c.Now.Sub(l.untimed).Abs() >= time.Hour
	w.oldest = c.Untimed().UnixMilli()
	return w
}

func (l *Lease) prunedTo(w *change, results []*pgconn.Result, now time.Time) {
	if w.prune && results[w.pruned].CommandTag.RowsAffected() < maxPruned { // else there may be more
		l.horizon, l.begun = w.horizon, true
	}
	if w.pruneUntimed {
		l.untimed = now
	}
}

// addTo adds the statements of the change.
func (w *change) addTo(r *revision) {
	if c := w.put; len(c.times) > 0 {
		r.add(`
INSERT INTO confluence_audit.seen AS s (log, time, fingerprint, count)
SELECT l.id, u.time, u.fingerprint, u.count
FROM confluence_audit.log l, unnest($4::bigint[], $5::uuid[], $6::bigint[]) AS u(time, fingerprint, count)
WHERE`+fenced+`
ON CONFLICT (log, time, fingerprint) DO UPDATE SET count = EXCLUDED.count WHERE s.count <> EXCLUDED.count`,
			c.times, c.fingerprints, c.counts)
	}
	if c := w.remove; len(c.times) > 0 {
		r.add(`
DELETE FROM confluence_audit.seen WHERE (log, time, fingerprint) IN (
    SELECT l.id, u.time, u.fingerprint
    FROM confluence_audit.log l, unnest($4::bigint[], $5::uuid[]) AS u(time, fingerprint) WHERE`+fenced+`)`,
			c.times, c.fingerprints)
	}
	if c := w.putUntimed; len(c.times) > 0 {
		r.add(`
INSERT INTO confluence_audit.untimed (log, fingerprint, count, delivered)
SELECT l.id, u.fingerprint, u.count, $6::bigint
FROM confluence_audit.log l, unnest($4::uuid[], $5::bigint[]) AS u(fingerprint, count)
WHERE`+fenced+`
ON CONFLICT (log, fingerprint) DO UPDATE SET count = EXCLUDED.count, delivered = EXCLUDED.delivered`,
			c.fingerprints, c.counts, w.now)
	}
	if c := w.removeUntimed; len(c.times) > 0 {
		r.add(`
DELETE FROM confluence_audit.untimed WHERE (log, fingerprint) IN (
    SELECT l.id, u.fingerprint FROM confluence_audit.log l, unnest($4::uuid[]) AS u(fingerprint) WHERE`+fenced+`)`,
			c.fingerprints)
	}
	if w.prune {
		w.pruned = r.add(`
DELETE FROM confluence_audit.seen WHERE (log, time, fingerprint) IN (
    SELECT s.log, s.time, s.fingerprint FROM confluence_audit.log l JOIN confluence_audit.seen s ON s.log = l.id
    WHERE`+fenced+`AND s.time < $4::bigint ORDER BY s.time LIMIT $5::bigint)`,
			w.horizon, maxPruned)
	}
	if w.pruneUntimed {
		r.add(`
DELETE FROM confluence_audit.untimed WHERE (log, fingerprint) IN (
    SELECT u.log, u.fingerprint FROM confluence_audit.log l JOIN confluence_audit.untimed u ON u.log = l.id
    WHERE`+fenced+`AND u.delivered < $4::bigint LIMIT $5::bigint)`,
			w.oldest, maxPruned)
	}
}
