package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// mostMemory is the memory that the host may use with any answer, in bytes. It is generous: the
// host alone uses a tenth of it.
const mostMemory = 300 << 20

// hostile are the answers against which a client needs limits, each on the deployment where it
// matters.
var hostile = []struct {
	deployment string // or organization
	fault      simulate.Fault
}{
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultTinyElements}},
	{simulate.DataCenter, simulate.Fault{Kind: simulate.FaultTinyElements}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultDeepNesting}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultEndlessString}},
	{simulate.DataCenter, simulate.Fault{Kind: simulate.FaultEndlessString}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultEndlessError}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultHugeHeader}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultHuge}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultSlow, Value: "2h"}},
	{simulate.DataCenter, simulate.Fault{Kind: simulate.FaultNextEndless}},
	{simulate.DataCenter, simulate.Fault{Kind: simulate.FaultCursorCircle}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultEndlessMoment}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultEndlessUntimed}},
	{simulate.Cloud, simulate.Fault{Kind: simulate.FaultTinyElements, Path: "/"}},
	{simulate.DataCenter, simulate.Fault{Kind: simulate.FaultEndlessString, Path: "/"}},
	{simulate.Organization, simulate.Fault{Kind: simulate.FaultTinyElements}},
	{simulate.Organization, simulate.Fault{Kind: simulate.FaultDeepNesting}},
	{simulate.Organization, simulate.Fault{Kind: simulate.FaultEndlessString}},
	{simulate.Organization, simulate.Fault{Kind: simulate.FaultEndlessError, Path: "/"}},
}

// hostileSite returns a simulator with one of them, and the keys of an input for it.
func hostileSite(t *testing.T, deployment string, fault simulate.Fault) (site, rig.Keys) {
	t.Helper()
	o := simulate.Options{Deployment: deployment, Seed: 70, Records: 2000, Faults: []simulate.Fault{fault}}
	if deployment == simulate.Organization {
		o.Product, o.Deployment = simulate.Organization, ""
	}
	s := newSite(t, o)
	keys := s.input()
	switch deployment {
	case simulate.DataCenter:
		keys = keys.With(rig.Keys{"user_identifier": "admin", "api_token": "password", "deployment": "datacenter"})
	case simulate.Organization:
		keys = rig.Keys{"name": "confluence", "product": "organization", "api_url": s.URL, "org_id": s.OrgID(), "api_key": s.Credentials().APIKey}
	}
	return s, keys.With(rig.Keys{"timeout": "10s", "start_from": "48h"})
}

// With every answer of a server, the memory of Fluent Bit stays limited, and it stops when told,
// also during such an answer.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	for _, h := range hostile {
		t.Run(h.deployment+" "+string(h.fault.Kind)+h.fault.Path, func(t *testing.T) {
			t.Parallel()
			s, keys := hostileSite(t, h.deployment, h.fault)
			f := newInstance(t, rig.Config{
				Service: rig.Filesystem(t.TempDir()),
				Inputs:  []rig.Keys{keys.With(rig.Keys{"db": filepath.Join(t.TempDir(), "state.db")})},
				Outputs: []rig.Keys{newReceiver(t).Output()},
			})
			f.start()
			rigtest.Await(t, "a request", func() bool { return len(s.Requests()) > 0 })
			watch, cancel := context.WithTimeout(t.Context(), 6*time.Second)
			defer cancel()
			var most int64
			_ = rig.Await(watch, func() bool {
				usage, err := f.Usage()
				most = max(most, usage.Peak)
				return err != nil
			})
			if most > mostMemory {
				t.Errorf("%d MB of memory", most>>20)
			}
			took, err := f.FluentBit.Stop(t.Context(), syscall.SIGTERM)
			if err != nil {
				t.Error(err)
			}
			t.Logf("%d MB of memory, stopped after %v", most>>20, took)
		})
	}
}

// The same holds for the tool.
func TestHostileAnswersToCheck(t *testing.T) {
	t.Parallel()
	tool := buildTool(t)
	for _, h := range hostile {
		t.Run(h.deployment+" "+string(h.fault.Kind)+h.fault.Path, func(t *testing.T) {
			t.Parallel()
			s, _ := hostileSite(t, h.deployment, h.fault)
			for _, command := range [][]string{{"check"}, {"export", "--from", "48h"}} {
				args := append(command, "--api-url", s.URL, "--user-identifier", "admin@example.com", "--api-token", "unscoped-token",
					"--gateway-url", s.URL, "--timeout", "5s")
				switch h.deployment {
				case simulate.DataCenter:
					args = append(command, "--api-url", s.URL, "--user-identifier", "admin", "--api-token", "password", "--timeout", "5s")
				case simulate.Organization:
					args = append(command, "--product", "organization", "--api-url", s.URL, "--org-id", s.OrgID(), "--api-key", s.Credentials().APIKey, "--timeout", "5s")
				}
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				cmd := exec.CommandContext(ctx, tool, args...)
				// an endless answer ends only so
				cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				// Not from the usage of a process that has ended: that includes the memory of this
				// process at the fork.
				ended, measured := make(chan struct{}), make(chan int64)
				go func() {
					var most int64
					_ = rig.Await(ctx, func() bool {
						usage, _ := rig.UsageOf(cmd.Process.Pid)
						most = max(most, usage.Peak)
						select {
						case <-ended:
							return true
						default:
							return false
						}
					})
					measured <- most
				}()
				_ = cmd.Wait() // the exit code does not matter here
				close(ended)
				most := <-measured
				cancel()
				if most > mostMemory {
					t.Errorf("%s took %d MB of memory", command[0], most>>20)
				} else {
					t.Logf("%s took %d MB of memory", command[0], most>>20)
				}
			}
		})
	}
}
