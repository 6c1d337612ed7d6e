package check

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/host"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/site"
)

const (
	// dryRunPatience is how long Fluent Bit may take to check a configuration.
	dryRunPatience = 30 * time.Second

	// maxPlugins bounds what is read of a file of plugins, in bytes.
	maxPlugins = 64 << 10

	// stepFluentBit is the name of the step with Fluent Bit's own result.
	stepFluentBit = "fluent-bit"

	notAsked = "not asked, so service keys, filters, outputs and other plugins are not checked: "
)

// dryRun lets Fluent Bit itself check a configuration. Fluent Bit creates its inputs but does not
// initialise them: nothing is collected, and no port is opened.
func dryRun(ctx context.Context, path string, c fluentbit.Configuration, offline bool) site.Step {
	step := site.Step{Name: stepFluentBit, Status: site.Skip}
	program, err := host.Find()
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
		plugin := host.Plugin()
		if plugin == "" {
			step.Detail = notAsked + host.PluginName + " is neither among the plugins of the configuration nor beside this program"
			return step
		}
		args = append(args, "-e", plugin)
	}
	ctx, cancel := context.WithTimeout(ctx, dryRunPatience)
	defer cancel()
	said, err := host.Run(ctx, program, args)
	problems := host.Problems(said, c.Secrets)
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
	text := make([]byte, maxPlugins)
	n, err := f.Read(text)
	return text[:n], err
}

// lacksFile returns whether Fluent Bit has looked for a file that is not on this machine.
func lacksFile(said string) bool {
	return strings.Contains(said, "No such file") || strings.Contains(said, "cannot be loaded")
}
