package pipeline

import (
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/version"
)

// Kinds of a metric, as Prometheus names them.
const (
	Counter   = "counter"
	Gauge     = "gauge"
	Histogram = "histogram"
)

// A Metric is shown by Fluent Bit beside its own, as fluentbit_confluence_NAME{name="INSTANCE"}.
type Metric struct {
	Name  string
	Kind  string
	Help  string
	Alert string // for the manual: the alert to set on it, "" for none

	// Label is a second label beside the instance's name, and Values are all that it can have. An
	// input with a thread of its own shows all of them from the start, because Fluent Bit has no
	// lock for adding one later.
	Label  string
	Values []string

	// read returns the value of the metric, for one of Values if there are any. For a histogram it
	// returns how many values that has.
	read func(p *Pipeline, value string) float64

	Bounds       []float64 // of the buckets of a histogram, which has no second label
	distribution func(p *Pipeline) Distribution
}

// Read returns the metric's present value; value is one of Values, "" where there are none.
func (m *Metric) Read(p *Pipeline, value string) float64 { return m.read(p, value) }

// ReadDistribution returns the histogram's present value.
func (m *Metric) ReadDistribution(p *Pipeline) Distribution { return m.distribution(p) }

// PlainHelp is what the metric means, without Markdown: the HELP line that Prometheus shows.
func (m *Metric) PlainHelp() string { return config.Plain(m.Help) }

//go:generate go test -run TestDocumentation -update

// Metrics is the table of all metrics, in the order of the manual.
var Metrics = []Metric{
	counter("records_total", "Records read and made into events, each once. Those that Fluent Bit has not taken yet are among them.", "",
		func(s *collect.Stats) int64 { return s.Records.Load() }),
	counter("late_records_total", "Of those, records that the site showed only after a poll that should have had them.",
		"Growing steadily: raise `overlap`.", func(s *collect.Stats) int64 { return s.Late.Load() }),
	{
		Name: "acknowledged_records_total", Kind: Counter, Help: "Those of `records_total` that Fluent Bit has taken, or that processors of the input have dropped.",
		Alert: "Behind `records_total` for 15 minutes and not rising: Fluent Bit takes nothing, the log says why.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.taken.Load()) },
	},
	{
		Name: "hand_over_seconds", Kind: Histogram, Help: "Time from a record's own time until Fluent Bit was known to have it; those of a catch-up are among them.",
		Alert:  "Half of the records older than 15 minutes for a quarter of an hour, with no catch-up: the site shows them late, or Fluent Bit takes them late.",
		Bounds: delayBounds,
		read:   func(p *Pipeline, _ string) float64 { return float64(p.delays.distribution().Count()) }, distribution: func(p *Pipeline) Distribution { return p.delays.distribution() },
	},
	counter("repeats_total", "Records read again and left out, because they were delivered before.", "", func(s *collect.Stats) int64 { return s.Repeats.Load() }),
	{
		Name: "unknown_actions_total", Kind: Counter, Help: "Records whose action is not in the [table of actions](actions.md), delivered as other; always 0 with `schema raw`.",
		Alert: "Growing: report the action, or add it.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.unknown.Load()) },
	},
	counter("gaps_total", "Ranges of time whose records the site had thrown away before they were read.",
		"`increase(...[1d]) > 0`: records are lost.", func(s *collect.Stats) int64 { return s.Gaps.Load() }),
	{
		Name: "passed_over_records_total", Kind: Counter,
		Help:  "Records that the site listed when it was asked for another time than theirs, and that were left out because of it, counted each time.",
		Alert: "Growing: see the line about it in the log; a cache or proxy may ignore the query.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.client.PassedOver()) },
	},
	{
		Name: "requests_total", Kind: Counter, Help: "Requests to Atlassian by the class of the answer's status; `none`: no answer.",
		Label: "status", Values: atlassian.StatusClasses,
		read: func(p *Pipeline, class string) float64 { return float64(p.client.Requests(class)) },
	},
	{
		Name: "failures_total", Kind: Counter, Help: "Failed tries to read, or to save the state (`state-file`), by the `cause` that the page on [troubleshooting](troubleshooting.md) explains.",
		Label: "cause", Values: causes(),
		read: func(p *Pipeline, cause string) float64 {
			return float64(p.collector.Stats().Failures(atlassian.Cause(cause)))
		},
	},
	{
		Name: "failing", Kind: Gauge, Help: "1 while something does not work for this `cause`: one of those of `failures_total`, or `fluent-bit` while Fluent Bit takes nothing; 0 else.",
		Label: "cause", Values: append(causes(), CauseFluentBit),
		read: func(p *Pipeline, cause string) float64 {
			return truth(cause == CauseFluentBit && p.stuck.Load() || p.collector.Stats().FailingFor(atlassian.Cause(cause)))
		},
	},
	{
		Name: "rate_limit_wait_seconds_total", Kind: Counter, Help: "Time waited because the site asked for it.",
		Alert: "More than a few minutes an hour: raise `poll_interval`, or see which other apps use the site's budget.",
		read: func(p *Pipeline, _ string) float64 {
			return float64(p.collector.Stats().Waited.Load())/1000 + p.client.Waited().Seconds()
		},
	},
	{
		Name: "up", Kind: Gauge, Help: "1 when all works, 0 while new records or an older range of the audit log cannot be read, the state cannot be saved, or Fluent Bit takes nothing (its " +
			"buffer's disk is full, it refuses, or it has paused the input for long).",
		Alert: "`== 0` for 15 minutes, or `absent()` for 5: the log says why; without an input Fluent Bit does not run.",
		read: func(p *Pipeline, _ string) float64 {
			s := p.collector.Stats()
			return truth(!s.Failing() && !p.stuck.Load() && s.Polled.Load() > 0)
		},
	},
	gauge("last_poll_timestamp_seconds", "When the last poll was complete, as Unix time; 0 before the first.",
		"`time() - ... > 900`: nothing is read, for whatever reason.", func(p *Pipeline) float64 { return float64(p.collector.Stats().Polled.Load()) / 1000 }),
	gauge("newest_record_timestamp_seconds", "Time of the newest record delivered, as Unix time; 0 before the first.",
		"`time() - ...` larger than the site is ever quiet.", func(p *Pipeline) float64 { return float64(p.collector.Stats().Head.Load()) / 1000 }),
	gauge("catch_up_seconds", "How much of the log's time a catch-up has still to read.", "Not falling for an hour.",
		func(p *Pipeline) float64 { return float64(p.collector.Stats().Pending.Load()) / 1000 }),
	gauge("catch_up_estimate_seconds", "About how long that takes, by its pace so far; 0 when there is none, or the time is not known.", "",
		func(p *Pipeline) float64 {
			if s := p.collector.Stats(); s.Pending.Load() > 0 && !s.Failing() {
				return float64(s.Left.Load()) / 1000
			}
			return 0
		}),
	gauge("queued_bytes", "Events that were read and are not yet known to be in Fluent Bit's chunks, at most about 3 MB.",
		"`> 2e6` for 15 minutes: Fluent Bit takes records more slowly than they are read.", func(p *Pipeline) float64 { return float64(p.Queued()) }),
	gauge("token_expires_seconds", "Time until `token_expires`; 0 when that is not set, negative when it is over.",
		"`!= 0 and ... < 14 * 86400`: make a new token.", func(p *Pipeline) float64 {
			if p.settings.TokenExpires.IsZero() {
				return 0
			}
			return time.Until(p.settings.TokenExpires).Round(time.Hour).Seconds()
		}),
	{
		Name: "build_info", Kind: Gauge, Help: "1, with the version of the plugin.",
		Label: "version", Values: []string{version.String()},
		read: func(*Pipeline, string) float64 { return 1 },
	},
}

func counter(name, help, alert string, read func(*collect.Stats) int64) Metric {
	return Metric{Name: name, Kind: Counter, Help: help, Alert: alert, read: func(p *Pipeline, _ string) float64 { return float64(read(p.collector.Stats())) }}
}

func gauge(name, help, alert string, read func(*Pipeline) float64) Metric {
	return Metric{Name: name, Kind: Gauge, Help: help, Alert: alert, read: func(p *Pipeline, _ string) float64 { return read(p) }}
}

func causes() []string {
	var names []string
	for _, c := range atlassian.Causes() {
		names = append(names, string(c.Cause))
	}
	return append(names, string(collect.CauseState), string(collect.CauseOther))
}

// CauseFluentBit is the cause when the host takes no records.
const CauseFluentBit = "fluent-bit"

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
