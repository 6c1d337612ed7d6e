package probe

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func findFluentBit(t *testing.T) string {
	t.Helper()
	fluentBit, err := exec.LookPath(os.Getenv("FLUENT_BIT"))
	if err != nil {
		t.Skip("FLUENT_BIT names no program: nothing to compare with")
	}
	return fluentBit
}

// The test host makes the same calls as the real Fluent Bit: the probe logs the same with both.
func TestLikeFluentBit(t *testing.T) {
	t.Parallel()
	fluentBit := findFluentBit(t)
	path := write(t, "[SERVICE]\n hot_reload on\n[INPUT]\n name probe\n SHOWN ${HOST_TEST_UNSET:-x} y\n shown z\n host h\n records 1\n emit metadata\n[OUTPUT]\n name null\n match *\n")
	tell := func(path string, args ...string) []string {
		c := newCommand(t, "", args...)
		c.Path = path
		c.Cmd.Stdout = nil
		await := start(t, c)
		await("Callback 0")
		await("Cleanup")
		c.send(t, syscall.SIGHUP)
		await("Callback 1")
		await("Cleanup")
		c.send(t, syscall.SIGTERM)
		c.wait(t)
		story := c.calls()
		for _, line := range lines(c.stderr.String()) {
			if strings.Contains(line, "] property ") {
				_, properties, _ := strings.Cut(line, "[probe] ")
				story = append(story, properties)
			}
		}
		return story
	}
	want := tell(fluentBit, "-c", path)
	got := tell(filepath.Join(build(t), "testhost"), "-c", path)
	diff(t, "story of Fluent Bit against that of the host", want, got)
}
