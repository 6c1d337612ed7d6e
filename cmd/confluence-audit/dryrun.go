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
	"strings"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/redact"
)

const (
	// dryRunPatience is how long Fluent Bit may take to look at a configuration.
	dryRunPatience = 30 * time.Second

	// maxSaid bounds what is kept and what is shown of Fluent Bit's words, in bytes.
	maxSaid, maxShown = 64 << 10, 400

	// stepFluentBit is the name of the step in which Fluent Bit has its say.
	stepFluentBit = "fluent-bit"

	notAsked = "not asked, so service keys, filters, outputs and other plugins are not checked: "
)

// dryRun lets Fluent Bit itself look at a configuration. It creates its inputs, and does not
// initialise them: nothing is collected, and no port is opened.
func dryRun(ctx context.Context, path string, c fluentbit.Configuration, offline bool) confluence.Step {
	step := confluence.Step{Name: stepFluentBit, Status: confluence.Skip}
	program, err := findFluentBit()
	if err != nil {
		step.Detail = notAsked + err.Error()
		return step
	}
	if fluentbit.IsOn(c.Service.Get("daemon")) {
		// It would look in the background, and answer nobody.
		step.Status, step.Detail = confluence.Fail, "daemon is on, which no plugin written in Go survives: leave it out"
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
	words := redact.Quote(errorsIn(said), maxShown, c.Secrets...)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		step.Detail = notAsked + fmt.Sprintf("%s does not answer within %s", program, about(dryRunPatience))
	case err != nil && offline && (len(c.Unset) > 0 || lacksFile(said)):
		// It may be the fault of what only the machine that runs Fluent Bit has.
		step.Status, step.Detail = confluence.Warn, "Fluent Bit refuses the configuration here: "+cmp.Or(words, err.Error())
	case err != nil:
		step.Status, step.Detail = confluence.Fail, "Fluent Bit refuses the configuration: "+cmp.Or(words, err.Error())
	case !strings.Contains(said, "test is successful"):
		step.Detail = notAsked + program + " does not say that the test of the configuration is successful"
	case words != "":
		step.Status, step.Detail = confluence.Warn, "Fluent Bit takes the configuration, and warns: "+words
	default:
		step.Status, step.Detail = confluence.OK, "takes the configuration"
	}
	return step
}

// findFluentBit returns the Fluent Bit to run.
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

// pluginFile is what the plugin is called where it is built and installed.
const pluginFile = "in_confluence.so"

// loadsPlugin tells whether a configuration loads the plugin itself. Twice would be two Go runtimes
// in one process.
func loadsPlugin(c fluentbit.Configuration) bool {
	for _, path := range c.Plugins {
		if strings.Contains(filepath.Base(path), "in_confluence") {
			return true
		}
		// A plugins_file is small; of a shared object the beginning is enough not to find it.
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

// besideTool finds the plugin beside this program, or where packages put it.
func besideTool() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		self = real
	}
	folder := filepath.Dir(self)
	for _, path := range []string{filepath.Join(folder, pluginFile), filepath.Join(folder, "..", "lib", "fluent-bit", pluginFile)} {
		if exists(path) {
			return path
		}
	}
	return ""
}

// ask returns what Fluent Bit says. It gets no secret but what its configuration and environment
// hold, and it ends with us, its own children too.
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
	case errors.Is(err, exec.ErrWaitDelay): // it has ended well, and left something running
		err = nil
	}
	return string(out.text), err
}

// head keeps the first bytes of what is written.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), maxSaid-len(h.text))]...)
	return len(p), nil
}

// errorsIn are the errors and warnings of a Fluent Bit, without what it says behind each of them.
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

// lacksFile tells whether Fluent Bit has looked for a file that is not here.
func lacksFile(said string) bool {
	return strings.Contains(said, "No such file") || strings.Contains(said, "cannot be loaded")
}
