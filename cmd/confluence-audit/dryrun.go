package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/redact"
	"fluent-bit-confluence/internal/site"
)

const (
	// dryRunPatience is how long Fluent Bit may take to check a configuration.
	dryRunPatience = 30 * time.Second

	// maxSaid and maxShown bound what is kept and what is shown of Fluent Bit's output, in bytes.
	maxSaid, maxShown = 64 << 10, 400

	// stepFluentBit is the name of the step with Fluent Bit's own result.
	stepFluentBit = "fluent-bit"

	notAsked = "not asked, so service keys, filters, outputs and other plugins are not checked: "
)

// dryRun lets Fluent Bit itself check a configuration. Fluent Bit creates its inputs but does not
// initialise them: nothing is collected, and no port is opened.
func dryRun(ctx context.Context, path string, c fluentbit.Configuration, offline bool) site.Step {
	step := site.Step{Name: stepFluentBit, Status: site.Skip}
	program, err := findFluentBit()
	if err != nil {
		step.Detail = notAsked + err.Error()
		return step
	}
	if fluentbit.IsOn(c.Service.Get("daemon")) {
		// As a daemon it would check in the background, without a result for us.
		step.Status, step.Detail = site.Fail, "daemon is on, which no plugin written in Go survives: leave it out"
		return step
	}
	if withoutThread(c) {
		step.Detail = notAsked + "with threaded off the --dry-run of Fluent Bit crashes (seen with 5.1.1); start it to see"
		return step
	}
	args := []string{"--dry-run", "-c", path}
	if !loadsPlugin(c) {
		plugin := besideTool()
		if plugin == "" {
			step.Detail = notAsked + pluginFile + " is neither among the plugins of the configuration nor beside this program"
			return step
		}
		args = append(args, "-e", plugin)
	}
	said, err := ask(ctx, program, args)
	problems := redact.Quote(errorsIn(said), maxShown, c.Secrets...)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		step.Detail = notAsked + fmt.Sprintf("%s does not answer within %s", program, words.About(dryRunPatience))
	case err != nil && offline && (len(c.Unset) > 0 || lacksFile(said)):
		// The reason may be a file that only the machine with Fluent Bit has.
		step.Status, step.Detail = site.Warn, "Fluent Bit refuses the configuration here: "+cmp.Or(problems, err.Error())
	case err != nil:
		step.Status, step.Detail = site.Fail, "Fluent Bit refuses the configuration: "+cmp.Or(problems, err.Error())
	case !strings.Contains(said, "test is successful"):
		step.Detail = notAsked + program + " does not say that the test of the configuration is successful"
	case problems != "":
		step.Status, step.Detail = site.Warn, "Fluent Bit takes the configuration, and warns: "+problems
	default:
		step.Status, step.Detail = site.OK, "takes the configuration"
	}
	return step
}

// withoutThread returns whether an input has threaded off. At the end of a dry run Fluent Bit pauses
// its inputs, and takes what it has not initialised for the state of a Go input without a thread
// (flb_input_plugin_pause in flb_input.c).
func withoutThread(c fluentbit.Configuration) bool {
	return slices.ContainsFunc(c.Inputs("confluence"), func(in fluentbit.Section) bool {
		value := in.Get("threaded")
		return value != "" && !fluentbit.IsOn(value)
	})
}

// findFluentBit returns the path of the Fluent Bit to run.
func findFluentBit() (string, error) {
	name := os.Getenv("FLUENT_BIT")
	if name == "" {
		path, err := exec.LookPath("fluent-bit")
		if err != nil {
			return "", errors.New("there is no fluent-bit on the PATH; set FLUENT_BIT to where it is")
		}
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("FLUENT_BIT is %s, which cannot be run here", name)
	}
	return path, nil
}

// pluginFile is the name of the plugin's file.
const pluginFile = "in_confluence.so"

// loadsPlugin returns whether a configuration loads the plugin itself. If it were loaded twice, the
// process would have two Go runtimes.
func loadsPlugin(c fluentbit.Configuration) bool {
	for _, path := range c.Plugins {
		if strings.Contains(filepath.Base(path), "in_confluence") {
			return true
		}
		// A plugins_file is small. A shared object is recognised by its beginning.
		if text, err := readBeginning(path); err == nil && bytes.Contains(text, []byte("in_confluence")) && !bytes.HasPrefix(text, []byte("\x7fELF")) {
			return true
		}
	}
	return false
}

func readBeginning(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, maxSaid)
	n, err := f.Read(text)
	return text[:n], err
}

// besideTool returns the path of the plugin beside this program, or where packages or images have
// it.
func besideTool() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		self = real
	}
	folder := filepath.Dir(self)
	for _, path := range []string{filepath.Join(folder, pluginFile), filepath.Join(folder, "..", "lib", "fluent-bit", pluginFile), filepath.Join("/fluent-bit/plugins", pluginFile)} {
		if exists(path) {
			return path
		}
	}
	return ""
}

// ask runs Fluent Bit and returns its output. Fluent Bit gets no secrets but those of its
// configuration and environment. It ends when we end, with its own children.
func ask(ctx context.Context, program string, args []string) (said string, _ error) {
	ctx, cancel := context.WithTimeout(ctx, dryRunPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var out head
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	end := group(cmd)
	defer end()
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay):
		// it has ended without an error, but left a child running
		err = nil
	}
	return string(out.text), err
}

// head is a writer that keeps the first bytes.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), maxSaid-len(h.text))]...)
	return len(p), nil
}

// errorsIn returns the errors and warnings in the output of Fluent Bit, without the lines that
// follow each.
func errorsIn(said string) string {
	var lines []string
	for line := range strings.Lines(said) {
		text := logHead.ReplaceAllString(strings.TrimSpace(line), "")
		switch {
		case !strings.Contains(line, "[error]") && !strings.Contains(line, "[ warn]"):
		case strings.Contains(text, "contains errors, aborting"), strings.HasPrefix(text, "check properties"):
		default:
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "; ")
}

// lacksFile returns whether Fluent Bit has looked for a file that is not on this machine.
func lacksFile(said string) bool {
	return strings.Contains(said, "No such file") || strings.Contains(said, "cannot be loaded")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
