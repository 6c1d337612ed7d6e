package abi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

// result is the result of a run of the test host.
type result struct {
	code           int
	stdout, stderr string
}

// script runs the test host with one step a line.
func script(t *testing.T, steps string, flags ...string) result {
	t.Helper()
	return hostRun(t, steps, append([]string{"--script", "-", "--tick", "10"}, flags...)...)
}

func hostRun(t *testing.T, stdin string, flags ...string) result {
	t.Helper()
	return hostRunAs(t, host, stdin, flags...)
}

// hostRunAs runs the test host at the given path.
func hostRunAs(t *testing.T, host, stdin string, flags ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), host, append([]string{"-e", plugin}, flags...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err) // it did not even start
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// events returns the ids of what arrived, in order.
func (r result) events(t *testing.T) []string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(r.stdout) {
		var event struct {
			Record struct {
				Atlassian struct {
					ID string `json:"event_id"`
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if id := event.Record.Atlassian.ID; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// site starts a simulator and returns the properties that read it.
func site(t *testing.T, o simulate.Options) (*simulate.Simulator, string) {
	t.Helper()
	sim := simulate.New(o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return sim, fmt.Sprintf("api_url=%s user_identifier=admin@example.com api_token=unscoped-token start_from=25h poll_interval=1s", server.URL)
}

func exist(sim *simulate.Simulator) (n int) {
	for r := range sim.Records() {
		n += r.Copies
	}
	return n
}

// settled returns the steps until the inputs have delivered so many records in all, and a host that
// does not count has had them for long enough to be safe.
func settled(records int, inputs ...int) string {
	steps := fmt.Sprintf("await %d", records)
	for _, input := range inputs {
		steps += fmt.Sprintf(" %d", input)
	}
	steps += "\nsleep 1100\n"
	for _, input := range inputs {
		steps += fmt.Sprintf("callback %d x2\n", input)
	}
	return steps
}

func wantOnce(t *testing.T, r result, want int) {
	t.Helper()
	ids := r.events(t)
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) != want || len(unique) != want {
		t.Errorf("%d events with %d ids, want %d of each\nstderr:\n%s", len(ids), len(unique), want, r.stderr)
	}
}

// The plugin works with every supported layout of the ABI.
func TestHosts(t *testing.T) {
	t.Parallel()
	for _, abi := range []string{"5.1", "4.2"} {
		t.Run(abi, func(t *testing.T) {
			t.Parallel()
			sim, properties := site(t, simulate.Options{Records: 3000, Twins: 0.1, PageCap: 250})
			db := filepath.Join(t.TempDir(), "state.db")
			r := script(t, "init "+properties+" db="+db+"\nprerun 0\n"+settled(exist(sim), 0)+"exit 0\n", "--abi", abi)
			if r.code != 0 {
				t.Fatalf("exit code %d\n%s", r.code, r.stderr)
			}
			wantOnce(t, r, exist(sim))

			again := script(t, "init "+properties+" db="+db+"\nprerun 0\ncallback 0 x1\nsleep 2000\ncallback 0 x2\nexit 0\n", "--abi", abi)
			wantOnce(t, again, 0)
		})
	}
}

// What was handed over less than a second before the end may still be in the ring. It is handed
// over again, with the same ids.
func TestUnacknowledgedComesAgain(t *testing.T) {
	t.Parallel()
	sim, properties := site(t, simulate.Options{Records: 100})
	db := filepath.Join(t.TempDir(), "state.db")
	steps := "init " + properties + " db=" + db + "\n" + fmt.Sprintf("await %d 0\nexit 0\n", exist(sim))
	first, second := script(t, steps), script(t, steps)
	wantOnce(t, first, exist(sim))
	if diff := cmp.Diff(first.events(t), second.events(t)); diff != "" {
		t.Errorf("the second run gives other events (-first +second):\n%s", diff)
	}
}

func TestPausedHandsOverNothing(t *testing.T) {
	t.Parallel()
	sim, properties := site(t, simulate.Options{Records: 100})
	r := script(t, "init "+properties+"\ncallback 0 x1\npause 0\nsleep 2000\ncallback 0 x3\nexpect 0 0\nresume 0\n"+settled(exist(sim), 0)+"exit 0\n")
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	wantOnce(t, r, exist(sim))
}

func TestTwoInstancesAndReload(t *testing.T) {
	t.Parallel()
	a, propertiesA := site(t, simulate.Options{Records: 300, Seed: 1})
	b, propertiesB := site(t, simulate.Options{Records: 200, Seed: 2})
	dir := t.TempDir()
	dbA, dbB := " db="+filepath.Join(dir, "a.db"), " db="+filepath.Join(dir, "b.db")
	r := script(t, "init "+propertiesA+dbA+"\ninit "+propertiesB+dbB+"\n"+
		settled(exist(a)+exist(b), 0, 1)+
		"reload\ncallback 0 x1\ncallback 1 x1\nsleep 2000\ncallback 0 x1\ncallback 1 x1\n")
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	wantOnce(t, r, exist(a)+exist(b))
}

func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	r := script(t, "init api_url=ftp://x poll_interval=soon api_token=secret-word\n")
	if r.code != 3 {
		t.Errorf("exit code %d, want 3 for a refused start", r.code)
	}
	for _, key := range []string{"api_url", "poll_interval", "user_identifier"} {
		if !strings.Contains(r.stderr, key) {
			t.Errorf("nothing is said about %s:\n%s", key, r.stderr)
		}
	}
	if strings.Contains(r.stdout+r.stderr, "secret-word") {
		t.Errorf("the token is printed:\n%s", r.stderr)
	}
}

// During ten thousand callbacks neither C memory nor goroutines grow.
func TestNoLeak(t *testing.T) {
	t.Parallel()
	_, properties := site(t, simulate.Options{Records: 5000, Rate: 50})
	memory := regexp.MustCompile(`"heap":(\d+)`)
	r := script(t, "init "+properties+"\nawait 5000 0\ncallback 0 x3000\nsleep 1100\ncallback 0 x2000\nmemory\ncallback 0 x10000\nsleep 1100\ncallback 0 x10\nmemory\n", "--abi", "5.1")
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	var heap []int
	for _, m := range memory.FindAllStringSubmatch(r.stdout+r.stderr, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		heap = append(heap, n)
	}
	if len(heap) != 2 || heap[1] > heap[0]+256<<10 {
		t.Errorf("C heap before and after 10,000 callbacks: %d bytes\n%s", heap, r.stderr)
	}
}

// The .so exports the callbacks for the host, and no other name like them.
func TestSymbols(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("nm", "-D", "--defined-only", plugin).Output()
	if err != nil {
		t.Skipf("nm: %v", err)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := fields[len(fields)-1]
		if strings.HasPrefix(name, "FLB") || strings.HasPrefix(name, "host_") {
			got = append(got, name)
		}
	}
	want := []string{
		"FLBPluginExit", "FLBPluginInit", "FLBPluginInputCallbackCtx", "FLBPluginInputPause", "FLBPluginInputPreExit", "FLBPluginInputResume",
		"FLBPluginRegister", "FLBPluginUnregister",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exported symbols (-want +got):\n%s", diff)
	}
}
