package fluentbit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// OwnKey is a key of an input that Fluent Bit reserves.
type OwnKey struct {
	Name, Help, Default string // without Help it is not in the manual

	// wrong returns which values are allowed, "" if value is one. With another one Fluent Bit does
	// not start, or reads something else without a message.
	wrong func(value string) string
}

// OwnKeys returns the reserved keys that an operator of this plugin may want.
func OwnKeys() []OwnKey { return own }

//go:generate go test -run TestDocumentation -update

// Values are checked as Fluent Bit 5.1 reads them (src/flb_input.c, flb_input_set_property).
var own = []OwnKey{
	{"tag", "Tag of the records, which outputs match, such as `atlassian.confluence`.", "`confluence.0` and so on", anything},
	{"alias", "Name of the input in log lines, metrics and health records. Give each input its own.", "`confluence.0` and so on", anything},
	{"storage.type", "`filesystem` keeps records on disk until they are delivered; the service needs `storage.path`. `memory` loses them with a kill. `memrb` throws away what does not fit into memory. Values: `memory`, `filesystem`, `memrb`.", "`memory`",
		oneOf("memory", "filesystem", "memrb")},
	{"storage.pause_on_chunks_overlimit", "`on` pauses the input at the service's `storage.max_chunks_up`; with `storage.type filesystem` only.", "`off`", boolean},
	{"mem_buf_limit", "Pauses the input while more waits in memory, such as `50MB`; without `storage.type filesystem` only. Leave it out with several inputs: Fluent Bit can pause the wrong one.", "_none_", size},
	{"threaded", "`off` runs the input on Fluent Bit's main thread. See [when that is better](delivery.md#threaded-off).", "`on`", boolean},
	{"thread.ring_buffer.capacity", "Leave it out: the input sets it so that Fluent Bit empties the ring buffer at once.", "`100`", between(1, 1<<20)},
	{"thread.ring_buffer.window", "Leave it out, for the same reason.", "`1`", between(1, 100)},
	{"log_level", "Level of this input's lines. Values: `off`, `error`, `warn`, `info`, `debug`, `trace`.", "that of the service", oneOf("off", "error", "warn", "info", "debug", "trace", "warning")},
	{"log_suppress_interval", "Leaves out log lines that repeat within that time, such as `30s`.", "_none_", seconds},
	{"routable", "Leave it out: with `off` no output gets the records.", "`on`", routable},
	{"rate_gate", "`on` pauses the input while more than `rate_gate.max_records` or `rate_gate.max_bytes` a second come in. The records wait at the site.", "`off`", boolean},
	{"rate_gate.backpressure", "", "", boolean},
	{"rate_gate.max_bytes", "", "", size},
	{"rate_gate.max_records", "", "", count},
	{"rate_gate.resume_ratio", "", "", ratio},
	{"rate_window", "", "", seconds},
}

// useless are keys that have a meaning elsewhere in Fluent Bit or in other programs, but none here.
var useless = map[string]string{
	"host": "the address of Confluence is api_url", "port": "the address of Confluence is api_url",
	"listen": "this input opens no port", "ipv6": "this input opens no port",
	"match": "it belongs into outputs and filters", "retry_limit": "it belongs into outputs", "workers": "it belongs into outputs",
}

// Mistakes returns one line for each reserved key of the input that has a wrong value or no effect.
func (s Section) Mistakes() []string {
	lines := s.harmful()
	for _, p := range s.Properties {
		key := strings.ToLower(p.Key)
		if why := useless[key]; why != "" {
			lines = append(lines, fmt.Sprintf("%s does nothing in this input: %s; leave it out", p.Key, why))
		}
		for _, known := range own {
			if known.Name != key || p.Value == "" {
				continue
			}
			if wrong := known.wrong(p.Value); wrong != "" {
				lines = append(lines, fmt.Sprintf("%s %q: %s", p.Key, p.Value, wrong))
			}
		}
	}
	return lines
}

func anything(string) string { return "" }

func oneOf(values ...string) func(string) string {
	return func(value string) string {
		if slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value) }) {
			return ""
		}
		return "want one of " + strings.Join(values, ", ")
	}
}

// boolean checks a boolean of Fluent Bit. 1 and 0 are none.
func boolean(value string) string {
	return wantIf(!IsOn(value) && !isOff(value), "on, true, yes, off, false or no")
}

// IsOn reports whether Fluent Bit reads a value as on.
func IsOn(value string) bool {
	value = strings.ToLower(value)
	return value == "on" || value == "true" || value == "yes"
}

func isOff(value string) bool {
	value = strings.ToLower(value)
	return value == "off" || value == "false" || value == "no"
}

func routable(value string) string {
	if isOff(value) {
		return "no output gets the records; leave it out"
	}
	return boolean(value)
}

var (
	sizes = regexp.MustCompile(`(?i)^([0-9]+(\.[0-9]+)?([KMG]B?)?|false)$`)
	times = regexp.MustCompile(`(?i)^[0-9]*[1-9][0-9]*[smhd]?$`)
)

// size checks a number of bytes. Fluent Bit reads what is no number as 0, which means no limit.
func size(value string) string {
	return wantIf(!sizes.MatchString(value), "bytes such as 500000, 50M or 50MB")
}

func seconds(value string) string {
	return wantIf(!times.MatchString(value), "a time such as 30s or 5m")
}

func count(value string) string {
	_, err := strconv.ParseUint(value, 10, 64)
	return wantIf(err != nil, "a whole number")
}

func between(least, most int) func(string) string {
	return func(value string) string {
		n, err := strconv.Atoi(value)
		return wantIf(err != nil || n < least || n > most, fmt.Sprintf("a whole number from %d to %d", least, most))
	}
}

func ratio(value string) string {
	n, err := strconv.ParseFloat(value, 64)
	return wantIf(err != nil || n <= 0 || n >= 1, "a number between 0 and 1")
}

func wantIf(wrong bool, what string) string {
	if wrong {
		return "want " + what
	}
	return ""
}
