// Package e2e tests the plugin in the real Fluent Bit, between a simulator and a receiver.
package e2e

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

var fluentBit, plugin string

func TestMain(m *testing.M) { os.Exit(rigtest.Main(m, "end-to-end tests", 8, &fluentBit, &plugin)) }

// site is a simulator behind a server of its own.
type site struct {
	*simulate.Simulator
	*httptest.Server
}

func newSite(t *testing.T, o simulate.Options) site {
	t.Helper()
	s := simulate.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return site{s, server}
}

// input returns the section of an input for the site: address, credential, and short intervals for
// tests.
func (s site) input() rig.Keys {
	return rig.Keys{
		"name": "confluence", "api_url": s.URL, "gateway_url": s.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "poll_interval": "1s",
	}
}

func newReceiver(t *testing.T) *rig.Receiver {
	t.Helper()
	r := rig.NewReceiver()
	t.Cleanup(r.Close)
	return r
}

// instance is a Fluent Bit with one configuration, which can be started several times.
type instance struct {
	rigtest.Process
	t      *testing.T
	config string
}

// newInstance writes the configuration into a folder of its own.
func newInstance(t *testing.T, c rig.Config) *instance {
	t.Helper()
	c.Plugin = plugin
	if c.Service == nil {
		c.Service = rig.Service()
	}
	path, err := c.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &instance{t: t, config: path}
}

func (i *instance) start() {
	i.t.Helper()
	cmd := exec.Command(fluentBit, "-c", i.config)
	cmd.Dir = filepath.Dir(i.config)
	i.Process = rigtest.Start(i.t, cmd)
}

// stop ends Fluent Bit as an operator does. How long that takes is tested elsewhere; here it must
// only end.
func (i *instance) stop() {
	i.t.Helper()
	took := i.Stop()
	i.t.Logf("stopped in %s", took.Round(time.Millisecond))
	if took > 10*time.Second {
		i.t.Errorf("the stop took %s", took)
	}
}

// awaitAll waits until all that the site shows now has arrived, and returns the comparison.
func awaitAll(t *testing.T, receiver *rig.Receiver, s site) rig.Comparison {
	t.Helper()
	return awaitThose(t, receiver, s, func(simulate.Record) bool { return true })
}

// awaitThose waits for the wanted records.
func awaitThose(t *testing.T, receiver *rig.Receiver, s site, wanted func(simulate.Record) bool) rig.Comparison {
	t.Helper()
	until, last := time.Now(), -1
	records := func(yield func(simulate.Record) bool) {
		for r := range s.Records() {
			if wanted(r) && !yield(r) {
				return
			}
		}
	}
	var c rig.Comparison
	err := rig.Await(rigtest.Patient(t), func() bool {
		if n := receiver.Count(); n != last {
			last = n
			c = rig.Compare(records, receiver.From(s.URL), until)
		}
		return c.Records > 0 && c.Complete()
	})
	if err != nil {
		t.Fatalf("not everything arrived: %s", c)
	}
	if m := receiver.Mistakes(); len(m) > 0 {
		t.Errorf("the receiver got %d lines that are no event, such as %s", len(m), m[0])
	}
	return c
}

// wantOnce checks that no record came twice, and that there is none that does not exist.
func wantOnce(t *testing.T, c rig.Comparison) {
	t.Helper()
	if len(c.Repeated) > 0 || len(c.Surplus) > 0 {
		t.Errorf("not each once: %s", c)
	}
	t.Log(c)
}

// complains returns whether an input has logged an error.
func complains(log string) bool { return strings.Contains(log, "[error] [input:confluence") }

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
