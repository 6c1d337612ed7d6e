package fleet

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fluent-bit-confluence/internal/outbox"
)

// Load returns the last committed checkpoint. The version is the sequence of that commit.
func (l *Lease) Load(ctx context.Context) (c outbox.Checkpoint, _ outbox.Version, err error) {
	l.commits.Lock()
	defer l.commits.Unlock()
	sequence, saved := int64(-1), ""
	err = l.candidate.member.stores.rows(ctx, storeLimit, func(r row) error { return r.scan(&sequence, &saved) }, `
SELECT sequence, checkpoint FROM confluence_audit.log WHERE name = $1::text AND token = $2::text AND epoch = $3::bigint`,
		l.candidate.log, l.token, l.epoch)
	switch {
	case err != nil:
		return c, "", fmt.Errorf("read the state of %s: %w", l.candidate.log, err)
	case sequence < 0:
		return c, "", fmt.Errorf("read the state of %s: %w", l.candidate.log, outbox.ErrLost)
	}
	l.attempts = max(l.attempts, sequence)
	if c, err = decodeCheckpoint(saved); err != nil {
		return c, "", fmt.Errorf("read the state of %s: %w; bring back the database from a backup", l.candidate.log, err)
	}
	return c, versionOf(sequence), nil
}

// decodeCheckpoint reads a checkpoint as it is in a row. Before the first commit it is empty.
func decodeCheckpoint(saved string) (c outbox.Checkpoint, err error) {
	if saved == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(saved), &c); err != nil {
		return c, fmt.Errorf("its checkpoint: %w", err)
	}
	return c, nil
}

func versionOf(sequence int64) outbox.Version {
	return outbox.Version(strconv.FormatInt(sequence, 10))
}

// Count returns for each key how many records with it were committed.
func (l *Lease) Count(ctx context.Context, keys []outbox.Key) ([]uint32, error) {
	var timed, untimed columns
	places := make(map[outbox.Key][]int, len(keys))
	for i, k := range keys {
		if places[k] = append(places[k], i); len(places[k]) > 1 {
			continue
		}
		if k.Time == 0 {
			untimed.add(outbox.Seen{Key: k})
		} else {
			timed.add(outbox.Seen{Key: k})
		}
	}
	counts := make([]uint32, len(keys))
	note := func(s outbox.Seen) {
		for _, i := range places[s.Key] {
			counts[i] = s.Count
		}
	}
	var err error
	if len(timed.times) > 0 {
		err = l.seen(ctx, note, `
SELECT s.time, s.fingerprint::text, s.count FROM unnest($2::bigint[], $3::uuid[]) AS k(time, fingerprint)
JOIN confluence_audit.seen s ON s.log = $1::bigint AND s.time = k.time AND s.fingerprint = k.fingerprint`, l.id, timed.times, timed.fingerprints)
	}
	if err == nil && len(untimed.times) > 0 {
		err = l.seen(ctx, note, `
SELECT 0, fingerprint::text, count FROM confluence_audit.untimed
WHERE log = $1::bigint AND fingerprint = ANY($2::uuid[])`, l.id, untimed.fingerprints)
	}
	return counts, err
}

// Delivered returns what was committed of the milliseconds with these Unix times. The result is in
// the order of time.
func (l *Lease) Delivered(ctx context.Context, times []int64) (found []outbox.Seen, err error) {
	if len(times) == 0 {
		return nil, nil
	}
	err = l.seen(ctx, func(s outbox.Seen) { found = append(found, s) }, `
SELECT time, fingerprint::text, count FROM confluence_audit.seen
WHERE log = $1::bigint AND time = ANY($2::bigint[])`, l.id, times)
	slices.SortFunc(found, func(a, b outbox.Seen) int { return cmp.Compare(a.Key.Time, b.Key.Time) })
	return found, err
}

// seen calls note for each row.
func (l *Lease) seen(ctx context.Context, note func(outbox.Seen), sql string, args ...any) error {
	err := l.candidate.member.stores.rows(ctx, storeLimit, func(r row) error {
		var s outbox.Seen
		var text string
		var count int64
		if err := r.scan(&s.Key.Time, &text, &count); err != nil {
			return err
		}
		if _, err := hex.Decode(s.Key.Fingerprint[:], []byte(strings.ReplaceAll(text, "-", ""))); err != nil {
			return err
		}
		s.Count = uint32(count)
		note(s)
		return nil
	}, sql, args...)
	if err != nil {
		return fmt.Errorf("look up what was delivered of %s: %w", l.candidate.log, err)
	}
	return nil
}

// Replace writes c in one transaction, see save.
func (l *Lease) Replace(ctx context.Context, version outbox.Version, c outbox.Commit) (outbox.Version, error) {
	l.commits.Lock()
	defer l.commits.Unlock()
	change := l.changeOf(c)
	next, results, err := l.save(ctx, version, c.Checkpoint, change.addTo)
	if err == nil {
		l.prunedTo(change, results, c.Now)
	}
	return next, err
}

// columns are fingerprints as the database takes them in bulk.
type columns struct {
	times        []int64
	fingerprints []string
	counts       []int64
}

func (c *columns) add(s outbox.Seen) {
	c.times = append(c.times, s.Key.Time)
	c.fingerprints = append(c.fingerprints, hex.EncodeToString(s.Key.Fingerprint[:]))
	c.counts = append(c.counts, int64(s.Count))
}

// sorted returns the last count of each key, in the order of the primary key.
func sorted(seen []outbox.Seen) []outbox.Seen {
	last := make(map[outbox.Key]int, len(seen))
	for i, s := range seen {
		last[s.Key] = i
	}
	unique := make([]outbox.Seen, 0, len(last))
	for i, s := range seen {
		if last[s.Key] == i {
			unique = append(unique, s)
		}
	}
	slices.SortFunc(unique, func(a, b outbox.Seen) int {
		return cmp.Or(cmp.Compare(a.Key.Time, b.Key.Time), slices.Compare(a.Key.Fingerprint[:], b.Key.Fingerprint[:]))
	})
	return unique
}
