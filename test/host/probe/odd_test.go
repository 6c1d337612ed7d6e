package probe

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/fluentbit/odd"
)

// TestOddFiles reads the test files of package fluentbit with the real Fluent Bit, and compares the
// result.
func TestOddFiles(t *testing.T) {
	t.Parallel()
	fluentBit := findFluentBit(t)
	plugin := filepath.Join(build(t), "probe.so")
	for _, file := range odd.Files() {
		t.Run(file.Name, func(t *testing.T) {
			folder := t.TempDir()
			if err := file.Write(folder); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for a host that hangs
			defer cancel()
			cmd := exec.CommandContext(ctx, fluentBit, "-e", plugin, "-c", strings.ReplaceAll(file.Main, "DIR", folder))
			cmd.Dir = folder
			cmd.Env = os.Environ()
			for name, value := range odd.Environment {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			got, log := asked(t, cmd)
			if got != file.Want {
				t.Errorf("Fluent Bit found\n%s\nwant\n%s\nlog:\n%s", got, file.Want, log)
			}
		})
	}
}

// TestOddValues does the same for values of reserved keys.
func TestOddValues(t *testing.T) {
	t.Parallel()
	fluentBit := findFluentBit(t)
	for _, v := range odd.Values() {
		t.Run(v.Key+" "+v.Value, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), fluentBit, "--dry-run", "-i", "dummy", "-p", v.Key+"="+v.Value)
			out, err := cmd.CombinedOutput()
			if refused := err != nil; refused != v.Refused {
				t.Errorf("refused: %v, want %v\n%s", refused, v.Refused, out)
			}
		})
	}
}

// asked returns the properties of the inputs once Fluent Bit runs, or [odd.Refused] if it ends
// instead.
func asked(t *testing.T, cmd *exec.Cmd) (found, log string) {
	t.Helper()
	answers := filepath.Join(t.TempDir(), "asked")
	cmd.Env = append(cmd.Env, "PROBE_ASK="+strings.Join(odd.Keys, ","), "PROBE_ASKED="+answers)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := false
	for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
		log += scanner.Text() + "\n"
		// the inputs were initialised before
		if strings.Contains(scanner.Text(), "stream processor started") {
			started = true
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if !started {
		return odd.Refused, log
	}
	return readAnswers(t, answers), log
}

// readAnswers reads the file of the probe: instance, key and value, in the order of the instances.
func readAnswers(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var inputs []map[string]string
	for line := range strings.Lines(string(text)) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		value, err := hex.DecodeString(words[2])
		if err != nil {
			t.Fatal(err)
		}
		if id, _ := strconv.Atoi(words[0]); id == len(inputs) {
			inputs = append(inputs, make(map[string]string))
		}
		inputs[len(inputs)-1][words[1]] = string(value)
	}
	found := ""
	for _, in := range inputs {
		found += odd.Line(func(key string) string { return in[key] })
	}
	return found
}
