package input

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fluent-bit-confluence/internal/fluentbit"
)

// local are the outputs that send to no other machine.
var local = []string{"stdout", "file", "null", "counter", "exit", "lib", "flowcounter"}

// adviseOn finds settings outside the inputs with which Fluent Bit does not start, or loses
// records.
func adviseOn(c fluentbit.Configuration, inputs []Input) {
	var impatient, unmatched []string
	for _, s := range c.Outputs {
		name := fmt.Sprintf("%s (%s)", cmp.Or(s.Get("alias"), s.Get("name")), s.Where)
		if s.Get("match") == "" && s.Get("match_regex") == "" {
			unmatched = append(unmatched, name)
		}
		if s.Get("retry_limit") == "" && !slices.Contains(local, strings.ToLower(s.Get("name"))) {
			impatient = append(impatient, name)
		}
	}
	inherited := ""
	if c.Service.On("storage.inherit") {
		inherited = c.Service.Get("storage.type")
	}
	for i := range inputs {
		in := &inputs[i]
		if in.storage == "" {
			in.storage = inherited
		}
		switch kind := strings.ToLower(in.storage); {
		case kind == "filesystem" && len(c.Service) == 0: // a file that another one includes
			in.Warnings = append(in.Warnings, "storage.type filesystem: Fluent Bit does not start without storage.path in its service, which is not in this file, nor given with --storage-path")
		case kind == "filesystem" && c.Service.Get("storage.path") == "":
			in.Mistakes = append(in.Mistakes, "storage.type filesystem: the service has no storage.path, and Fluent Bit does not start without; set it to a folder on a lasting disk, or say with --storage-path what the command line has (-b)")
		case kind == "memrb":
			in.Warnings = append(in.Warnings, "storage.type is memrb: what does not fit into memory is thrown away; set storage.type filesystem")
		case kind == "" || kind == "memory":
			in.Warnings = append(in.Warnings, inMemory)
		}
		if in.OnDisk() && in.Get("mem_buf_limit") != "" {
			in.Warnings = append(in.Warnings, "mem_buf_limit does nothing with storage.type filesystem: leave it out; the service's storage.max_chunks_up bounds what is in memory")
		}
		if !in.OnDisk() && fluentbit.IsOn(in.Get("storage.pause_on_chunks_overlimit")) {
			in.Warnings = append(in.Warnings, "storage.pause_on_chunks_overlimit does nothing without storage.type filesystem")
		}
	}
	// A single input needs no match at a single output.
	if len(unmatched) > 0 && c.Ends() > 2 && !c.Routed {
		inputs[0].Warnings = append(inputs[0].Warnings, "no match in "+strings.Join(unmatched, ", ")+": Fluent Bit gives it nothing")
	}
	if len(impatient) > 0 && len(inputs) > 0 {
		inputs[0].Warnings = append(inputs[0].Warnings, fmt.Sprintf("no retry_limit in %s: Fluent Bit gives up what is refused twice; set retry_limit no_limits",
			strings.Join(impatient, ", ")))
	}
}

const inMemory = "storage.type is memory: what Fluent Bit has taken and not delivered is lost when it is killed; set storage.type filesystem"
