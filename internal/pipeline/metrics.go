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
	counter("records_total", "Records read and made into events, each counted once. Includes those that Fluent Bit has not taken yet.", "",
		func(s *collect.Stats) int64 { return s.Records.Load() }),
	counter("late_records_total", "Those of `records_total` that the site showed late: an earlier poll should have listed them.",
		"Rising steadily: raise `overlap`.", func(s *collect.Stats) int64 { return s.Late.Load() }),
	{
		Name: "acknowledged_records_total", Kind: Counter, Help: "Those of `records_total` that Fluent Bit has taken. Includes records that processors of the input have dropped.",
		Alert: "Less than `records_total` for 15 minutes and not rising: Fluent Bit takes nothing. The log says why.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.taken.Load()) },
	},
	{
		Name: "hand_over_seconds", Kind: Histogram, Help: "Age of a record when Fluent Bit acknowledged it. Includes records of a catch-up.",
		Alert:  "Half of the records older than 15 minutes, for 15 minutes, without a catch-up: the site shows records late, or Fluent Bit takes them late.",
		Bounds: delayBounds[:],
		read:   func(p *Pipeline, _ string) float64 { return float64(p.delays.distribution().Count()) }, distribution: func(p *Pipeline) Distribution { return p.delays.distribution() },
	},
	{
		Name: "processing_seconds", Kind: Histogram, Help: "Age of an event of an organization when Atlassian had processed it: nobody can read it before. Empty for other products.",
		Alert:  "More than a day for some events: rules have to look back as far. With a `rescan_window` of less than that, raise it.",
		Bounds: delayBounds[:],
		read:   func(p *Pipeline, _ string) float64 { return float64(p.lags.distribution().Count()) }, distribution: func(p *Pipeline) Distribution { return p.lags.distribution() },
	},
	counter("repeats_total", "Records that were read again and left out, because they had been delivered.", "", func(s *collect.Stats) int64 { return s.Repeats.Load() }),
	{
		Name: "unknown_actions_total", Kind: Counter, Help: "Records whose action is not in the [table of actions](actions.md). They are delivered with the action `other`. Always 0 with `schema raw`.",
		Alert: "Rising: report the action, or add it.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.unknown.Load()) },
	},
	counter("gaps_total", "Time ranges whose records the site had deleted before they were read.",
		"`increase(...[1d]) > 0`: records are lost.", func(s *collect.Stats) int64 { return s.Gaps.Load() }),
	{
		Name: "passed_over_records_total", Kind: Counter,
		Help:  "Records that were left out because the site listed them for a time range that they do not belong to. Counted each time.",
		Alert: "Rising: a cache or proxy may ignore the query. The log names one of the records.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.client.PassedOver()) },
	},
	{
		Name: "requests_total", Kind: Counter, Help: "Requests to Atlassian, by the class of the answer's HTTP status. `none`: no answer.",
		Label: "status", Values: atlassian.StatusClasses,
		read: func(p *Pipeline, class string) float64 { return float64(p.client.Requests(class)) },
	},
	{
		Name: "failures_total", Kind: Counter, Help: "Failed attempts to read records, or to look up or save the state (`state-file`), by `cause`: see [troubleshooting](troubleshooting.md).",
		Label: "cause", Values: causes(),
		read: func(p *Pipeline, cause string) float64 {
			return float64(p.stats.Failures(atlassian.Cause(cause)))
		},
	},
	{
		Name: "failing", Kind: Gauge, Help: "1 while something fails for this `cause`, else 0. The causes are those of `failures_total`, and `fluent-bit` while Fluent Bit takes nothing.",
		Label: "cause", Values: append(causes(), CauseFluentBit),
		read: func(p *Pipeline, cause string) float64 {
			return truth(cause == CauseFluentBit && p.stuck.Load() || p.stats.FailingFor(atlassian.Cause(cause)))
		},
	},
	{
		Name: "rate_limit_wait_seconds_total", Kind: Counter, Help: "Time spent waiting because the site limits the rate of requests.",
		Alert: "More than a few minutes an hour: raise `poll_interval`, or find other apps that use up the site's rate limit.",
		read: func(p *Pipeline, _ string) float64 {
			return float64(p.stats.Waited.Load())/1000 + p.client.Waited().Seconds()
		},
	},
	{
		Name: "up", Kind: Gauge, Help: "1 while everything works, or another process reads the log. 0 while new or older records cannot be read, the state cannot be saved, or Fluent Bit takes nothing (the disk of its " +
			"buffer is full, it refuses records, or it has paused the input for long).",
		Alert: "`== 0` for 15 minutes: the log says why. `absent()` for 5 minutes: Fluent Bit does not run, or runs without the input.",
		read: func(p *Pipeline, _ string) float64 {
			s := p.stats
			return truth(!s.Failing() && !p.stuck.Load() && (s.Polled.Load() > 0 || p.standsBy()))
		},
	},
	gauge("holds_log", "1 while this process reads the log. 0 while another one does, of those that share the state in a database (`db postgres://...`).",
		"`sum by (name) (...) == 0` for 5 minutes: no process reads the log.", func(p *Pipeline) float64 { return truth(p.holds()) }),
	{
		Name: "leases_lost_total", Kind: Counter, Help: "How often this process has lost the log of any of its inputs: it could not renew its lease in the database, or the database has lost commits.",
		Alert: "Rising: the database does not answer in time, or the process stands still.",
		read:  func(p *Pipeline, _ string) float64 { return float64(p.member().Lost) },
	},
	{
		Name: "log_moves_total", Kind: Counter, Help: "How often this process has given the log of any of its inputs to another one in an orderly way.",
		read: func(p *Pipeline, _ string) float64 { return float64(p.member().Moves) },
	},
	gauge("database_seconds", "How long the last statement to the database with the state took; 0 without one.", "", func(p *Pipeline) float64 { return p.member().Latency.Seconds() }),
	gauge("last_poll_timestamp_seconds", "Time of the last complete poll, as Unix time; 0 before the first.",
		"`time() - ... > 900`: nothing is read. The log says why.", func(p *Pipeline) float64 { return float64(p.stats.Polled.Load()) / 1000 }),
	gauge("newest_record_timestamp_seconds", "Time of the newest record delivered, as Unix time; 0 before the first.",
		"`time() - ...` longer than the site is ever quiet.", func(p *Pipeline) float64 { return float64(p.stats.Head.Load()) / 1000 }),
	gauge("catch_up_seconds", "How much time of the audit log a catch-up has still to read; 0 without one.", "Not falling for an hour: the site is slow, or limits the rate of requests.",
		func(p *Pipeline) float64 { return float64(p.stats.Pending.Load()) / 1000 }),
	gauge("catch_up_estimate_seconds", "About how long that will take, at the pace so far; 0 without a catch-up, or while the pace is not known.", "",
		func(p *Pipeline) float64 {
			if s := p.stats; s.Pending.Load() > 0 && !s.Failing() {
				return float64(s.Estimate.Load()) / 1000
			}
			return 0
		}),
	gauge("queued_bytes", "Size of the events that were read, and that Fluent Bit has not taken yet or whose state is not saved yet; at most about 3 MB.",
		"`> 2e6` for 15 minutes: Fluent Bit takes records more slowly than the input reads them, or the state cannot be saved.", func(p *Pipeline) float64 { return float64(p.Queued()) }),
	gauge("token_expires_seconds", "Time until `token_expires`, or until the API key of an organization expires if it may ask for that; 0 if neither is known, negative after it.",
		"`!= 0 and ... < 14 * 86400`: make a new token.", func(p *Pipeline) float64 {
			expires := p.expires.Load()
			if expires == 0 {
				return 0
			}
			return time.Until(time.Unix(expires, 0)).Round(time.Hour).Seconds()
		}),
	{
		Name: "product", Kind: Gauge, Help: "1 for the product whose audit log the input reads. Joined by `name`, it gives every other metric a `product`.",
		Label: "product", Values: config.Products(),
		read: func(p *Pipeline, product string) float64 { return truth(p.client.Site().Product == product) },
	},
	{
		Name: "build_info", Kind: Gauge, Help: "1, with the version of the plugin.",
		Label: "version", Values: []string{version.String()},
		read: func(*Pipeline, string) float64 { return 1 },
	},
}

func counter(name, help, alert string, read func(*collect.Stats) int64) Metric {
	return Metric{Name: name, Kind: Counter, Help: help, Alert: alert, read: func(p *Pipeline, _ string) float64 { return float64(read(p.stats)) }}
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
