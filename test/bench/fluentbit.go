package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/test/rig"
)

// patience is how long one row may take.
const patience = 4 * time.Minute

// The counters of Fluent Bit that show when all records are through.
const (
	in  = "fluentbit_input_records_total"
	out = "fluentbit_output_proc_records_total"
)

// build compiles the plugin as for a release.
func (b *bench) build(ctx context.Context) (string, error) {
	path := filepath.Join(b.dir, "in_confluence.so")
	build := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-trimpath", "-tags", "netgo,osusergo", "-ldflags", "-s -w", "-o", path,
		"fluent-bit-confluence/plugin")
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build plugin: %w\n%s", err, text)
	}
	return path, nil
}

// A host is a running Fluent Bit.
type host struct {
	*rig.FluentBit
	cmd     *exec.Cmd
	began   time.Time
	metrics string
	memory  *watch
}

// outputTo returns the output of a row: null, or a file.
func (r *row) outputTo() rig.Keys {
	keys := rig.Keys{"name": r.To, "match": "*"}
	if r.To == "file" {
		keys = keys.With(rig.Keys{"path": r.dir, "file": "records", "format": "plain"})
	}
	return keys
}

// The flush intervals that are compared, in seconds: records since the last flush are in memory.
const (
	usualFlush = "1"    // Fluent Bit's default, and about Filebeat's
	ourFlush   = "0.05" // that of the project's own configurations
)

// start runs Fluent Bit with default settings, except for flush and the HTTP server, from which the
// counters are read. It loads the plugin if there is an input of it. parsers may be empty.
func (b *bench) start(r *row, parsers string, inputs ...rig.Keys) (*host, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	service := rig.Keys{"flush": cmp.Or(r.Flush, ourFlush), "http_server": "on", "http_listen": "127.0.0.1", "http_port": port}
	if r.silent {
		service["http_server"] = "off"
	}
	config := map[string]any{"service": service, "pipeline": map[string]any{"inputs": inputs, "outputs": []rig.Keys{r.outputTo()}}}
	if inputs[0]["name"] == "confluence" {
		config["plugins"] = []string{b.plugin}
	}
	if parsers != "" {
		service["parsers_file"] = filepath.Join(r.dir, "parsers.conf")
		if err := os.WriteFile(service["parsers_file"], []byte(parsers), 0o600); err != nil {
			return nil, err
		}
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(r.dir, "fluent-bit.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	h := &host{cmd: exec.Command(b.fluentBit, "-c", path), metrics: "http://127.0.0.1:" + port + "/api/v2/metrics", began: time.Now()}
	h.cmd.Dir = r.dir
	if h.FluentBit, err = rig.StartCommand(h.cmd); err != nil {
		return nil, err
	}
	h.memory = watchMemory(h.PID(), inputs[0]["name"] == "exec")
	return h, nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port, listener.Close()
}

// counter returns the sum of a counter over all labels, and when it last changed, which Fluent Bit
// tells with each value.
func (h *host) counter(ctx context.Context, name string) (sum int, changed time.Time) {
	text, err := get(ctx, h.metrics)
	if err != nil {
		return 0, time.Time{} // not listening yet
	}
	for line := range strings.Lines(string(text)) {
		at, rest, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(rest, name+"{") {
			continue
		}
		var value int
		fmt.Sscan(rest[strings.LastIndex(rest, "=")+1:], &value)
		if t, err := time.Parse(time.RFC3339Nano, at); err == nil && t.After(changed) {
			changed = t
		}
		sum += value
	}
	return sum, changed
}

// await waits until n records have come in and gone out, and returns when the last came in and when
// it went out, since the start. More than n records are an error.
func (h *host) await(ctx context.Context, n int) (cameIn, wentOut time.Duration, err error) {
	var times [2]time.Duration
	for i, name := range []string{in, out} {
		for {
			sum, changed := h.counter(ctx, name)
			if sum > n {
				return 0, 0, fmt.Errorf("%d records, want %d", sum, n)
			}
			if times[i] = changed.Sub(h.began); sum == n {
				break
			}
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
				return 0, 0, fmt.Errorf("%d of %d records within %s; the log:\n%s", sum, n, time.Since(h.began).Round(time.Second), h.Log())
			}
			if h.Ended() {
				return 0, 0, fmt.Errorf("fluent-bit ended; the log:\n%s", h.Log())
			}
		}
	}
	return times[0], times[1], nil
}

// stop ends Fluent Bit. It returns the CPU and the peak of memory from start to end, including
// children that have ended, and how long the stop took.
func (h *host) stop(ctx context.Context) (used time.Duration, peak int64, took time.Duration, err error) {
	peak = h.memory.end()
	if took, err = h.Stop(ctx, syscall.SIGTERM); err != nil {
		h.Kill()
	}
	return h.cmd.ProcessState.UserTime() + h.cmd.ProcessState.SystemTime(), peak, took, err
}

// finish awaits the records of a row, stops Fluent Bit, and fills the row in.
func (h *host) finish(ctx context.Context, r *row) error {
	cameIn, wentOut, err := h.await(ctx, r.Records)
	var errStop error
	r.CPU, r.Memory, _, errStop = h.stop(ctx)
	if err := errors.Join(err, errStop); err != nil {
		return fmt.Errorf("run fluent-bit: %w", err)
	}
	if r.Wall = cameIn; r.To == "file" {
		r.Wall = wentOut
		return verify(filepath.Join(r.dir, "records"), r.Records)
	}
	return nil
}
