package containers

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fluent-bit-confluence/test/rig"
)

// hardened is how the manual runs the image.
var hardened = []string{"--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}

// docker runs the docker command and returns what it writes to its standard output.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, errOut, err := try(t.Context(), args...)
	if err != nil {
		t.Fatalf("docker %s: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
	}
	return out
}

func try(ctx context.Context, args ...string) (out, errOut string, err error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return strings.TrimSpace(stdout.String()), stderr.String(), err
}

// atEnd runs the docker command when the test has ended.
func atEnd(t *testing.T, args ...string) {
	t.Helper()
	t.Cleanup(func() {
		if out, err := exec.Command("docker", args...).CombinedOutput(); err != nil {
			t.Errorf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	})
}

// unique returns a name for what belongs to a test.
func unique(t *testing.T) string {
	t.Helper()
	return strings.ToLower(filepath.Base(filepath.Dir(t.TempDir())))
}

// A network is one of Docker's, with this machine in it.
type network struct {
	name string
	here string // this machine's address
}

func newNetwork(t *testing.T) network {
	t.Helper()
	name := unique(t)
	docker(t, "network", "create", name)
	atEnd(t, "network", "rm", name)
	return network{name, docker(t, "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name)}
}

// listen returns a listener that the containers of the network reach.
func (n network) listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(n.here, "0"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newVolume(t *testing.T) (name string) {
	t.Helper()
	name = docker(t, "volume", "create")
	atEnd(t, "volume", "rm", name)
	return name
}

// file returns the path of a new file that every user may read.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A container runs in the background.
type container struct {
	t    *testing.T
	name string
}

// start runs a container until the test ends. The arguments are those of docker run.
func start(t *testing.T, args ...string) *container {
	t.Helper()
	c := &container{t, docker(t, append([]string{"run", "--detach"}, args...)...)}
	t.Cleanup(func() {
		if t.Failed() {
			out, log, _ := try(context.Background(), "logs", "--tail", "100", c.name)
			t.Logf("docker logs:\n%s\n%s", out, log)
		}
		_ = exec.Command("docker", "rm", "--force", "--volumes", c.name).Run()
	})
	return c
}

// inspect returns what docker inspect shows.
func (c *container) inspect(format string) string {
	c.t.Helper()
	return docker(c.t, "inspect", "--format", format, c.name)
}

// output returns the records on its standard output.
func (c *container) output() string {
	c.t.Helper()
	return docker(c.t, "logs", c.name)
}

// awaitHealth waits until Docker calls the container healthy or unhealthy.
func (c *container) awaitHealth(want string) {
	c.t.Helper()
	if err := rig.Await(patient(c.t), func() bool { return c.inspect("{{.State.Health.Status}}") == want }); err != nil {
		c.t.Fatalf("await %s: %v, it is %s", want, err, c.inspect("{{json .State.Health}}"))
	}
}

// awaitLog waits until Fluent Bit has logged a text.
func (c *container) awaitLog(text string) {
	c.t.Helper()
	c.awaitCount(text, 1)
}

// awaitCount waits until Fluent Bit has logged a text n times.
func (c *container) awaitCount(text string, n int) {
	c.t.Helper()
	if err := rig.Await(patient(c.t), func() bool { return c.count(text) >= n }); err != nil {
		c.t.Fatalf("await %q in the log, %d times: %v", text, n, err)
	}
}

// count returns how often Fluent Bit has logged a text.
func (c *container) count(text string) int {
	c.t.Helper()
	_, log, err := try(c.t.Context(), "logs", c.name)
	if err != nil {
		c.t.Fatalf("docker logs: %v\n%s", err, log)
	}
	return strings.Count(log, text)
}

// awaitSaid runs a command in the container until it says a text.
func (c *container) awaitSaid(text string, command ...string) {
	c.t.Helper()
	ctx, said := patient(c.t), ""
	if err := rig.Await(ctx, func() bool {
		out, errOut, _ := try(ctx, append([]string{"exec", c.name}, command...)...)
		said = out + errOut
		return strings.Contains(said, text)
	}); err != nil {
		c.t.Errorf("%s never says %q: %v, it says\n%s", command, text, err, said)
	}
}

// stop ends the container as Docker does, with SIGTERM. Its exit code must be 0.
func (c *container) stop() {
	c.t.Helper()
	docker(c.t, "stop", "--time", "60", c.name)
	if code := c.inspect("{{.State.ExitCode}}"); code != "0" {
		c.t.Errorf("exit code %s", code)
	}
}
