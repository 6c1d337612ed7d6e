package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
	"fluent-bit-confluence/test/rig"
)

// A group is several Fluent Bits with the same inputs, which share them in one PostgreSQL.
type group struct {
	dir      string
	program  string
	hosts    bool // each has a host name of its own
	members  []*member
	sites    map[string]*simulate.Simulator // by host
	requests requests
	database *postgres.Server
	receiver *rig.Receiver
	diary    diary
}

// A member is one of the processes.
type member struct {
	*group
	n      int
	dir    string
	config rig.Config
	link   *postgres.Link
	web    *web

	busy      sync.Mutex // held by what happens to it
	fluentBit *rig.FluentBit
}

const database = "fleet"

func newGroup(o options) (g *group, err error) {
	g = &group{receiver: rig.NewReceiver(), sites: make(map[string]*simulate.Simulator), diary: diary{verbose: o.verbose, complaints: complaints{}}}
	defer func() {
		if err != nil {
			err = g.close(err)
		}
	}()
	if g.program, err = rig.Find(); err != nil {
		return g, err
	}
	if g.dir, err = os.MkdirTemp("", "torture-"); err != nil {
		return g, err
	}
	plugin, err := rig.Plugin(g.dir)
	if err != nil {
		return g, err
	}
	var missing string
	if g.database, missing, err = postgres.New(); missing != "" {
		err = errors.New(missing)
	}
	if err != nil {
		return g, err
	}
	if err := g.keepLeases(); err != nil {
		return g, err
	}
	g.hosts = exec.Command("unshare", "--uts", "true").Run() == nil
	for n := range o.sites {
		g.sites[fmt.Sprintf("site%02d.example.com", n)] = simulate.New(simulate.Options{
			Seed: o.seed + uint64(n), CloudID: fmt.Sprintf("%08d-2222-4333-8444-555555555555", n), Records: 50, History: time.Hour, Rate: o.rate / float64(o.sites), Twins: 0.1,
			Late: 0.1, LateBy: 10 * time.Second, Backdated: o.backdated, BackdatedBy: 90 * time.Second,
		})
	}
	for n := range o.fleet {
		if err := g.add(n, plugin, o); err != nil {
			return g, err
		}
	}
	return g, nil
}

// keepLeases lets the database note who takes each log, and when. It knows a process by the name
// of its connections.
func (g *group) keepLeases() error {
	if _, err := g.database.Query("postgres", "create database "+database); err != nil {
		return err
	}
	_, err := g.database.Query(database, fleet.SchemaSQL()+`
create table lease (number bigserial, at timestamptz, log text, token text, process text);
create function note() returns trigger language plpgsql as $$ begin
    insert into lease (at, log, token, process) values (clock_timestamp(), new.name, new.token, current_setting('application_name'));
    return null;
end $$;
create trigger note after update on confluence_audit.log for each row when (old.token <> new.token) execute function note();`)
	return err
}

// add makes the n-th member. All have the same configuration, but each has its own way to the
// database and to the sites.
func (g *group) add(n int, plugin string, o options) (err error) {
	m := &member{group: g, n: n, dir: filepath.Join(g.dir, fmt.Sprint("process", n)), web: newWeb(n, g.sites, &g.requests)}
	g.members = append(g.members, m)
	if err := os.Mkdir(m.dir, 0o700); err != nil {
		return err
	}
	if m.link, err = g.database.NewLink(); err != nil {
		return err
	}
	m.config = rig.Config{Plugin: plugin, Service: rig.Filesystem(m.dir).With(rig.Keys{"grace": "2"}), Outputs: []rig.Keys{g.receiver.Output()}}
	for host, site := range g.sites {
		credentials := site.Credentials()
		m.config.Inputs = append(m.config.Inputs, rig.Keys{
			"name": "confluence", "api_url": "http://" + host, "allow_http": "on", "proxy": m.web.server.URL,
			"user_identifier": credentials.User, "api_token": credentials.Token,
			"db":            fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable&application_name=%d", m.link.Addr(), database, n),
			"poll_interval": "2s", "overlap": overlap.String(), "rescan_interval": "1m", "rescan_window": "15m", "start_from": "2h", "page_size": "500",
			"storage.type": o.storage, "threaded": o.threaded,
		})
	}
	return nil
}

// start runs the member's Fluent Bit, and waits until it has begun. The number of the run tells
// what it hands over.
func (m *member) start(ctx context.Context) (err error) {
	m.config.Filters = []rig.Keys{rig.Stamp(m.diary.begin(m.n))}
	path, err := m.config.Write(m.dir)
	if err != nil {
		return err
	}
	cmd := exec.Command(m.program, "-c", path)
	if m.hosts {
		cmd = exec.Command("unshare", "--uts", "sh", "-c", `hostname "$0" && exec "$@"`, fmt.Sprint("process", m.n), m.program, "-c", path)
	}
	cmd.Dir = m.dir
	if m.fluentBit, err = rig.StartCommand(cmd); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("it hangs"))
	defer cancel()
	return m.fluentBit.AwaitLog(ctx, "stream processor started", 1)
}

// stop ends Fluent Bit as an operator does.
func (m *member) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("it hangs"))
	defer cancel()
	took, err := m.fluentBit.Stop(ctx, syscall.SIGTERM)
	m.diary.stopped(took, m.fluentBit.Log())
	return err
}

func (m *member) kill() {
	m.fluentBit.Kill()
	m.diary.stopped(0, m.fluentBit.Log())
}

// close ends everything. After an error it keeps the folder.
func (g *group) close(err error) error {
	for _, m := range g.members {
		if m.fluentBit != nil {
			m.fluentBit.Kill()
		}
		m.web.close()
		if m.link != nil {
			_ = m.link.Close()
		}
	}
	g.receiver.Close()
	if g.database != nil {
		g.database.Close()
	}
	if err != nil {
		return fmt.Errorf("%w\nlogs are in %s", err, g.dir)
	}
	return os.RemoveAll(g.dir)
}

// compare compares all sites with what arrived.
func (g *group) compare(until time.Time) (c rig.Comparison) {
	of := make(map[string][]rig.Event)
	for _, e := range g.receiver.Events() {
		host := strings.TrimPrefix(e.Site, "http://")
		of[host] = append(of[host], e)
	}
	for host, site := range g.sites {
		c = c.Add(rig.Compare(site.Records(), of[host], until))
	}
	return c
}

// await waits until all that the sites show now has arrived.
func (g *group) await(ctx context.Context) error {
	until, looked := time.Now(), time.Time{}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var c rig.Comparison
	err := rig.Await(ctx, func() bool {
		if time.Since(looked) < 2*time.Second {
			return false
		}
		looked, c = time.Now(), g.compare(until)
		return c.Complete()
	})
	if err != nil {
		return fmt.Errorf("not everything arrived within %s: %s", patience, c)
	}
	return nil
}
