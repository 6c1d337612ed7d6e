package containers

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

const (
	token  = "unscoped-token"
	config = "/fluent-bit/etc/fluent-bit.yaml"
)

// The image as it is, run as the manual says: the records are on its standard output, and the
// operator's tool works in it.
func TestImage(t *testing.T) {
	t.Parallel()
	s := newSite(t, newNetwork(t), simulate.Options{Records: 300, Twins: 0.1})
	c := start(t, append(s.run(file(t, "token", []byte(token)), newVolume(t)), image)...)
	c.awaitHealth("healthy")
	awaitOnce(t, func() []rig.Event { return eventsIn(c.output()) }, s.Simulator)

	c.awaitSaid("✓ the input is well", "confluence-audit", "status", "--config", config)
	c.awaitSaid("✓ fluent-bit     takes the configuration", "confluence-audit", "check", "--config", config)
	wantNoPrivileges(t, c)
	for line := range strings.SplitSeq(docker(t, "diff", c.name), "\n") {
		// What is mounted has a place made for it.
		if path := line[min(len(line), 2):]; !strings.HasPrefix("/etc/ssl/example.pem", path) && !strings.HasPrefix("/run/secrets/confluence_api_token", path) {
			t.Errorf("written outside the volume: %s", line)
		}
	}
	c.stop()
}

// eventsIn returns the events in the output of a container.
func eventsIn(output string) []rig.Event {
	r := rig.NewReceiver()
	defer r.Close()
	r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(output)))
	return r.Events()
}

// wantNoPrivileges looks at the process, not at what Docker was told.
func wantNoPrivileges(t *testing.T, c *container) {
	t.Helper()
	status, err := os.ReadFile("/proc/" + c.inspect("{{.State.Pid}}") + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65532\t65532", "Gid:\t65532\t65532", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("the process has no %q:\n%s", want, status)
		}
	}
}

// A container ends in order in the middle of a backfill, and once more while the destination
// refuses records. It is removed each time. The next one, of a newer image, goes on with the state
// and the buffer in the volume: nothing is lost, and nothing comes twice.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	s := newSite(t, n, simulate.Options{Records: 3000, PageCap: 50, Latency: 100 * time.Millisecond})
	receiver, output := newReceiver(t, n)
	args := append(s.run(file(t, "token", []byte(token)), newVolume(t)),
		"--volume", withOutput(t, "deploy/image/fluent-bit.yaml", output)+":"+config+":ro")
	upgraded := func(tag string) *container { return start(t, append(slices.Clone(args), tag)...) }

	c := upgraded(image)
	c.awaitLog("version v0.0.1 reads Confluence at " + s.url)
	if err := rig.Await(patient(t), func() bool { return receiver.Count() > 0 }); err != nil {
		t.Fatal(err)
	}
	c.stop()
	if n := receiver.Count(); n >= 3000 {
		t.Fatalf("all %d records came before the stop", n)
	}
	docker(t, "rm", c.name)

	receiver.Be(rig.Refuses)
	refused := receiver.Refused()
	c = upgraded(newer)
	c.awaitLog("version v0.0.2 reads Confluence at " + s.url)
	s.Add(simulate.Record{})
	if err := rig.Await(patient(t), func() bool { return receiver.Refused() > refused }); err != nil {
		t.Fatal(err)
	}
	c.stop()
	docker(t, "rm", c.name)

	receiver.Be(rig.Takes)
	c = upgraded(newer)
	c.awaitLog("goes on with records after")
	awaitOnce(t, receiver.Events, s.Simulator)
	c.awaitHealth("healthy")
	c.stop()
}

// Docker calls the container unhealthy when the output gives records up. It does not while the
// output tries again, which with retry_limit no_limits it does until the destination takes them.
func TestHealth(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	s := newSite(t, n, simulate.Options{Rate: 10})
	receiver, output := newReceiver(t, n)
	c := start(t, append(s.run(file(t, "token", []byte(token)), newVolume(t)),
		"--volume", withOutput(t, "deploy/image/fluent-bit.yaml", output)+":"+config+":ro", image)...)
	receiver.Be(rig.Refuses)
	if err := rig.Await(patient(t), func() bool { return receiver.Refused() > 20 }); err != nil {
		t.Fatal(err)
	}
	c.awaitHealth("healthy")
	receiver.Be(rig.Forbids)
	c.awaitHealth("unhealthy")
	c.stop()
}

// With a wrong token the log, the status and the check name the cause and what to do. The right
// one, written into the same file, needs no restart.
func TestWrongToken(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	s := newSite(t, n, simulate.Options{Records: 50})
	receiver, output := newReceiver(t, n)
	secret := file(t, "token", []byte("wrong"))
	c := start(t, append(s.run(secret, newVolume(t)),
		"--volume", withOutput(t, "deploy/image/fluent-bit.yaml", output)+":"+config+":ro", image)...)
	const cure = "check the credential for typing errors"
	c.awaitLog("cause=credentials")
	c.awaitLog(cure)
	c.awaitSaid(cure, "confluence-audit", "status", "--config", config)
	c.awaitSaid(cure, "confluence-audit", "check", "--config", config)
	if err := os.WriteFile(secret, []byte(token), 0o644); err != nil {
		t.Fatal(err)
	}
	awaitOnce(t, receiver.Events, s.Simulator)
	c.stop()
}
