package input

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

var line = regexp.MustCompile(`/[^ ]*:[0-9]+\)`)

// The advice is the same for classic and YAML.
func TestAdvice(t *testing.T) {
	t.Parallel()
	const noPath = "mistake: storage.type filesystem: the service has no storage.path, and Fluent Bit does not start without; set it to a folder on a lasting disk, or say with --storage-path what the command line has (-b)"
	for name, tt := range map[string]struct {
		service, input, output string // keys as name=value, one a word
		want                   []string
	}{
		"well":               {"storage.path=/buffer", "storage.type=filesystem", "name=es retry_limit=no_limits", nil},
		"no path":            {"flush=1", "storage.type=filesystem", "name=es retry_limit=5", []string{noPath}},
		"no service":         {"", "storage.type=filesystem", "name=stdout", []string{"warning: storage.type filesystem: Fluent Bit does not start without storage.path in its service, which is not in this file, nor given with --storage-path"}},
		"memory":             {"storage.path=/buffer", "db=x", "name=null", []string{"warning: " + inMemory}},
		"inherited":          {"storage.path=/buffer storage.inherit=on storage.type=filesystem", "db=x", "name=null", nil},
		"inherited, no path": {"storage.inherit=on storage.type=filesystem", "db=x", "name=null", []string{noPath}},
		"gives up":           {"storage.path=/buffer", "storage.type=filesystem", "name=splunk alias=siem", []string{"warning: no retry_limit in siem (FILE): Fluent Bit gives up what is refused twice; set retry_limit no_limits"}},
		"no limit":           {"storage.path=/buffer", "storage.type=filesystem mem_buf_limit=5M", "name=null", []string{"warning: mem_buf_limit does nothing with storage.type filesystem: leave it out; the service's storage.max_chunks_up bounds what is in memory"}},
		"no pause":           {"storage.path=/buffer", "storage.pause_on_chunks_overlimit=on", "name=null", []string{"warning: " + inMemory, "warning: storage.pause_on_chunks_overlimit does nothing without storage.type filesystem"}},
		"own keys":           {"storage.path=/buffer", "storage.type=filesystem threaded=1 workers=2", "name=null", []string{"mistake: threaded \"1\": want on, true, yes, off, false or no", "mistake: workers does nothing in this input: it belongs into outputs; leave it out"}},
		"ring":               {"storage.path=/buffer", "storage.type=memrb", "name=stdout", []string{"warning: storage.type is memrb: what does not fit into memory is thrown away; set storage.type filesystem"}},
	} {
		classic := "[SERVICE]\n" + keysAs("    %s %s\n", tt.service) + "[INPUT]\n    name confluence\n" + keysAs("    %s %s\n", tt.input) +
			"[OUTPUT]\n" + keysAs("    %s %s\n", tt.output)
		asYAML := "service:\n" + keysAs("  %s: %s\n", tt.service) + "pipeline:\n  inputs:\n    - name: confluence\n" + keysAs("      %s: %s\n", tt.input) +
			"  outputs:\n    - match: '*'\n" + keysAs("      %s: %s\n", tt.output)
		// Fluent Bit refuses an empty service.
		asYAML = strings.Replace(asYAML, "service:\npipeline:", "pipeline:", 1)
		for file, text := range map[string]string{"fluent-bit.conf": classic, "fluent-bit.yaml": asYAML} {
			path := filepath.Join(t.TempDir(), file)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			inputs, _, err := Read(new(cobra.Command), path, nil)
			if err != nil {
				t.Fatalf("%s, %s: %v\n%s", name, file, err, text)
			}
			var got []string
			for _, in := range inputs {
				for _, m := range in.Mistakes {
					got = append(got, "mistake: "+m)
				}
				for _, w := range in.Warnings {
					got = append(got, "warning: "+line.ReplaceAllString(w, "FILE)"))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s%s", name, file, diff, text)
			}
		}
	}
}

// keysAs writes keys in a format.
func keysAs(format, keys string) string {
	var b strings.Builder
	for key := range strings.FieldsSeq(keys) {
		name, value, _ := strings.Cut(key, "=")
		fmt.Fprintf(&b, format, name, value)
	}
	return b.String()
}

// The content of included files counts.
func TestAdviceWithIncludes(t *testing.T) {
	t.Parallel()
	for file, text := range map[string]string{
		"a.conf": "@INCLUDE service.conf\n[INPUT]\n    name confluence\n    storage.type filesystem\n",
		"a.yaml": "includes: [service.yaml]\npipeline:\n  inputs:\n    - {name: confluence, storage.type: filesystem}\n",
	} {
		for _, path := range []string{"buffer", ""} {
			dir := t.TempDir()
			service := map[string]string{"service.conf": "[SERVICE]\n    storage.path " + path + "\n", "service.yaml": "service:\n  storage.path: " + path + "\n"}
			if path == "" {
				service = map[string]string{"service.conf": "[SERVICE]\n    flush 1\n", "service.yaml": "service:\n  flush: 1\n"}
			}
			service[file] = text
			for name, text := range service {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			inputs, _, err := Read(new(cobra.Command), filepath.Join(dir, file), nil)
			if err != nil {
				t.Fatal(err)
			}
			if mistaken := len(inputs[0].Mistakes) > 0; mistaken != (path == "") {
				t.Errorf("%s with storage.path %q: mistakes %q", file, path, inputs[0].Mistakes)
			}
		}
	}
}
