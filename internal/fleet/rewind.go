package fleet

import (
	"context"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// PlanRewind returns what Rewind would do. It changes nothing, and no process need stop.
func PlanRewind(ctx context.Context, o Options, log string, then time.Time) (plan outbox.Rewinding, err error) {
	d, err := look(ctx, o)
	if err != nil {
		return plan, err
	}
	defer d.close()
	var saved string
	err = d.rows(ctx, storeLimit, func(r row) error { return r.scan(&saved) }, `SELECT checkpoint FROM confluence_audit.log WHERE name = $1::text`, log)
	var c outbox.Checkpoint
	if err == nil {
		c, err = decodeCheckpoint(saved)
	}
	if err == nil {
		plan, err = c.Rewinding(then)
	}
	if err == nil {
		err = d.rows(ctx, storeLimit, func(r row) error { return r.scan(&plan.Records) }, `
SELECT (SELECT coalesce(sum(s.count), 0) FROM confluence_audit.log l JOIN confluence_audit.seen s ON s.log = l.id
        WHERE l.name = $1::text AND s.time >= $2::bigint)
     + (SELECT coalesce(sum(u.count), 0) FROM confluence_audit.log l JOIN confluence_audit.untimed u ON u.log = l.id
        WHERE l.name = $1::text AND u.delivered >= $3::bigint)`, log, plan.To.UnixMilli(), plan.Untimed().UnixMilli())
	}
	if err != nil {
		return plan, fmt.Errorf("the state of %s: %w", log, err)
	}
	return plan, nil
}

// Rewind lets the next reader of the log deliver every record since then again, with the same event
// ids, see state.Rewind.
func (l *Lease) Rewind(ctx context.Context, then time.Time) error {
	c, version, err := l.Load(ctx)
	if err != nil {
		return err
	}
	plan, err := c.Rewinding(then)
	if err != nil {
		return fmt.Errorf("the state of %s: %w", l.candidate.log, err)
	}
	l.commits.Lock()
	defer l.commits.Unlock()
	_, _, err = l.save(ctx, version, c.Rewound(plan.To), func(r *revision) {
		r.add(`
DELETE FROM confluence_audit.seen WHERE (log, time, fingerprint) IN (
    SELECT s.log, s.time, s.fingerprint FROM confluence_audit.log l JOIN confluence_audit.seen s ON s.log = l.id
    WHERE`+fenced+`AND s.time >= $4::bigint)`, plan.To.UnixMilli())
		r.add(`
DELETE FROM confluence_audit.untimed WHERE (log, fingerprint) IN (
    SELECT u.log, u.fingerprint FROM confluence_audit.log l JOIN confluence_audit.untimed u ON u.log = l.id
    WHERE`+fenced+`AND u.delivered >= $4::bigint)`, plan.Untimed().UnixMilli())
	})
	return err
}
