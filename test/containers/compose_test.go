package containers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/test/rig"
)

// A project is what one of the compose files starts.
type project struct {
	t     *testing.T
	name  string
	files []string
	began time.Time
}

// up starts a project, with ports that are free here, until the test ends.
func up(t *testing.T, path, ports string) *project {
	t.Helper()
	if _, _, err := try(t.Context(), "compose", "version"); err != nil {
		t.Skip("there is no docker compose here: install the Compose plugin of Docker, 2.24 or later")
	}
	p := &project{t: t, name: unique(t), files: []string{"--file", filepath.Join(root, path), "--file", file(t, "ports.yaml", []byte(ports))}, began: time.Now()}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := p.command("logs", "--no-color", "--tail", "60").CombinedOutput()
			t.Logf("docker compose logs:\n%s", log)
		}
		if out, err := p.command("down", "--volumes", "--rmi", "local").CombinedOutput(); err != nil {
			t.Errorf("docker compose down: %v\n%s", err, out)
		}
	})
	p.compose("up", "--build", "--detach")
	return p
}

func (p *project) command(args ...string) *exec.Cmd {
	return exec.Command("docker", slices.Concat([]string{"compose", "--project-name", p.name}, p.files, args)...)
}

// compose runs a command of docker compose and returns what it writes to its standard output.
func (p *project) compose(args ...string) string {
	p.t.Helper()
	cmd := p.command(args...)
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("docker compose %s: %v\n%s%s", args, err, out, errOut.String())
	}
	return strings.TrimSpace(string(out))
}

// service returns the container of a service.
func (p *project) service(name string) *container {
	p.t.Helper()
	return &container{p.t, p.compose("ps", "--all", "--quiet", name)}
}

// stop ends a service in order.
func (p *project) stop(service string) {
	p.t.Helper()
	c := p.service(service)
	p.compose("stop", service)
	if code := c.inspect("{{.State.ExitCode}}"); code != "0" {
		p.t.Errorf("%s: exit code %s", service, code)
	}
}

// A delivery is a record in the log store.
type delivery struct {
	ID   string    `json:"atlassian.event_id"`
	Time time.Time `json:"_time"`
}

// delivered asks the log store for all that it has.
func (p *project) delivered() (all []delivery) {
	p.t.Helper()
	query := url.Values{"query": {"* | fields _time, atlassian.event_id"}}
	answer, err := http.Get("http://" + p.compose("port", "logs", "9428") + "/select/logsql/query?" + query.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	for d := json.NewDecoder(answer.Body); d.More(); {
		var one delivery
		if err := d.Decode(&one); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// existing returns the ids of the records that the site has now. Export reads them in the container
// of a service. The first hour of the history may lie before the start of the input.
func (p *project) existing(service string) (ids []string) {
	p.t.Helper()
	for _, input := range []string{"confluence", "jira"} {
		lines := p.compose("exec", "--no-TTY", service, "confluence-audit", "export", "--config", config, "--input", input,
			"--from", p.began.Add(-23*time.Hour).UTC().Format(time.RFC3339))
		for scan := bufio.NewScanner(strings.NewReader(lines)); scan.Scan(); {
			var event struct {
				Atlassian struct {
					ID string `json:"event_id"`
				}
			}
			if err := json.Unmarshal(scan.Bytes(), &event); err != nil {
				p.t.Fatal(err)
			}
			ids = append(ids, event.Atlassian.ID)
		}
	}
	return ids
}

// awaitAll waits until the log store has all records that the site has now, and returns those that
// it has twice.
func (p *project) awaitAll(service string) (repeated []delivery) {
	p.t.Helper()
	existing := p.existing(service)
	if len(existing) < 900 {
		p.t.Fatalf("%d records exist, want those of two products at least", len(existing))
	}
	var missing []string
	if err := rig.Await(patient(p.t), func() bool {
		arrived := map[string]bool{}
		repeated, missing = nil, nil
		for _, d := range p.delivered() {
			if arrived[d.ID] {
				repeated = append(repeated, d)
			}
			arrived[d.ID] = true
		}
		for _, id := range existing {
			if !arrived[id] {
				missing = append(missing, id)
			}
		}
		return len(missing) == 0
	}); err != nil {
		p.t.Fatalf("%d of %d records are lost: %v (%v)", len(missing), len(existing), missing[:min(5, len(missing))], err)
	}
	p.t.Logf("%d records, 0 lost, %d repeated", len(existing), len(repeated))
	return repeated
}

func TestCompose(t *testing.T) {
	t.Parallel()
	p := up(t, "compose.yaml", `
services:
  fluent-bit: {ports: !override ["127.0.0.1::2020"], healthcheck: {interval: 1s}}
  logs: {ports: !override ["127.0.0.1::9428"]}
`)
	c := p.service("fluent-bit")
	c.awaitHealth("healthy")
	wantNoPrivileges(t, c)
	if repeated := p.awaitAll("fluent-bit"); len(repeated) > 0 {
		t.Errorf("repeated: %v", repeated)
	}
	p.stop("fluent-bit")
}

// holds is what a collector logs when it gets a log to read.
const holds = "] holds "

// One of two collectors is stopped, comes back, and is cut off from the network: the other one goes
// on. Nothing is lost. Only what a collector had in flight when it was cut off may come twice.
func TestComposeFleet(t *testing.T) {
	t.Parallel()
	p := up(t, "deploy/compose-fleet/compose.yaml", `
services:
  collector-1: {ports: !override ["127.0.0.1::2020"]}
  collector-2: {ports: !override ["127.0.0.1::2020"]}
  logs: {ports: !override ["127.0.0.1::9428"]}
`)
	one, two := p.service("collector-1"), p.service("collector-2")
	// By their names, both logs belong to the first one.
	one.awaitCount(holds, 2)
	p.stop("collector-1")
	two.awaitCount(holds, 2)
	if repeated := p.awaitAll("collector-2"); len(repeated) > 0 {
		t.Errorf("repeated after an orderly end: %v", repeated)
	}

	p.compose("start", "collector-1")
	one.awaitCount(holds, 4)
	network, cut := p.name+"_default", time.Now()
	docker(t, "network", "disconnect", network, one.name)
	two.awaitCount(holds, 4)
	docker(t, "network", "connect", network, one.name)
	for _, d := range p.awaitAll("collector-2") {
		if d.Time.After(cut) || d.Time.Before(cut.Add(-time.Minute)) {
			t.Errorf("repeated, but not in flight at %s: %s", cut, d)
		}
	}
	p.stop("collector-1")
	p.stop("collector-2")
}

func (d delivery) String() string { return fmt.Sprintf("%s of %s", d.ID, d.Time) }
