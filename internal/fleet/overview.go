package fleet

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// An Overview is what the database tells about all logs and members. Its times are of the
// database's clock.
type Overview struct {
	Now     time.Time
	Members []MemberRow // by name
	Logs    []LogRow    // by name
}

// A MemberRow is a process that shares the logs.
type MemberRow struct {
	ID, Name string
	Max      int // 0: any number
	Joined   time.Time
	Expires  time.Time // in the past: it was stopped or lost, and its logs are free
	Logs     int       // how many it holds or waits for
}

// A LogRow is an audit log.
type LogRow struct {
	Name       string
	Holder     string    // the name of the member that holds it, empty if none does
	Member     string    // its id
	Epoch      int64     // how often the log was taken
	Expires    time.Time // when the holder's lease does; zero without a holder
	Checkpoint outbox.Checkpoint
	Committed  time.Time // zero if it never was
}

// Log returns the row of a log, one without a holder and a checkpoint if the database does not know
// it.
func (o Overview) Log(name string) LogRow {
	i := slices.IndexFunc(o.Logs, func(r LogRow) bool { return r.Name == name })
	if i < 0 {
		return LogRow{Name: name}
	}
	return o.Logs[i]
}

// Reader returns the name of the member that reads a log, "" if none does: none holds it, or the
// lease of the one that did is over.
func (o Overview) Reader(row LogRow) string {
	if !row.Expires.After(o.Now) {
		return ""
	}
	return row.Holder
}

// Living returns the members whose lease is not over.
func (o Overview) Living() (members []MemberRow) {
	for _, m := range o.Members {
		if m.Expires.After(o.Now) {
			members = append(members, m)
		}
	}
	return members
}

// View reads all rows. The process need not share the logs, and nothing changes.
func View(ctx context.Context, o Options) (Overview, error) {
	d, err := look(ctx, o)
	if err != nil {
		return Overview{}, err
	}
	defer d.close()
	return d.overview(ctx, storeLimit)
}

// look opens a database whose tables this program knows, to read it.
func look(ctx context.Context, o Options) (*database, error) {
	d, err := newDatabase(o.URL, o.Password, 1)
	if err != nil {
		return nil, err
	}
	version, err := d.version(ctx, storeLimit)
	switch newest := firstVersion + len(steps); {
	case NoTables(err):
		err = fmt.Errorf("there are no tables in schema confluence_audit yet: %w; the first input that starts makes them", err)
	case code(err) == noPrivilege:
		err = fmt.Errorf("read the tables in schema confluence_audit: %w", err)
	case err == nil && version > newest:
		err = tooNew(version, newest)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *database) overview(ctx context.Context, limit time.Duration) (o Overview, err error) {
	const ms = `(extract(epoch FROM %s) * 1000)::bigint`
	err = d.rows(ctx, limit, func(columns row) error {
		var r MemberRow
		var now, joined, expires int64
		err := columns.scan(&now, &r.ID, &r.Name, &r.Max, &joined, &expires, &r.Logs)
		o.Now, r.Joined, r.Expires = moment(now), moment(joined), moment(expires)
		o.Members = append(o.Members, r)
		return err
	}, fmt.Sprintf(`
SELECT `+ms+`, id, name, most, `+ms+`, `+ms+`, coalesce(array_length(logs, 1), 0) FROM confluence_audit.member ORDER BY name, joined`, "now()", "joined", "expires"))
	if err != nil {
		return o, fmt.Errorf("read the members: %w", err)
	}
	err = d.rows(ctx, limit, func(columns row) error {
		var r LogRow
		var now int64
		var saved string
		var id, holder *string
		var expires, committed *int64
		if err := columns.scan(&now, &r.Name, &r.Epoch, &saved, &committed, &id, &holder, &expires); err != nil {
			return err
		}
		o.Now = moment(now)
		if id != nil {
			r.Member, r.Holder, r.Expires = *id, *holder, moment(*expires)
		}
		if committed != nil {
			r.Committed = moment(*committed)
		}
		var err error
		if r.Checkpoint, err = decodeCheckpoint(saved); err != nil {
			return fmt.Errorf("the state of %s: %w", r.Name, err)
		}
		o.Logs = append(o.Logs, r)
		return nil
	}, fmt.Sprintf(`
SELECT `+ms+`, l.name, l.epoch, l.checkpoint, `+ms+`, m.id, m.name, `+ms+`
FROM confluence_audit.log l LEFT JOIN confluence_audit.member m ON m.id = l.member AND l.token <> '' ORDER BY l.name`,
		"now()", "l.committed", "m.expires"))
	if err != nil {
		return o, fmt.Errorf("read the logs: %w", err)
	}
	return o, nil
}

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// Stats are counters of this process, for metrics.
type Stats struct {
	Held       int           // logs
	Moves      int64         // logs that were given to other members
	Lost       int64         // leases that ended against the will of this process
	Failed     int64         // renewals
	Statements int64         // all that were sent, with those that failed
	Latency    time.Duration // of the last statement
	Until      time.Time     // the end of the lease
}

// Stats returns the counters.
func (m *Member) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Stats{
		Moves: m.moves, Lost: m.losses, Failed: m.failed, Until: m.until,
		Statements: m.own.statements.Load() + m.stores.statements.Load(), Latency: time.Duration(m.own.latency.Load()),
	}
	for candidate := range m.candidates {
		if candidate.lease != nil {
			s.Held++
		}
	}
	return s
}
