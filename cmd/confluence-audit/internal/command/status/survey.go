package status

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/guest"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/scrape"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// overview is the status of a Fluent Bit and its confluence inputs.
type overview struct {
	OK            bool           `json:"ok"` // no action is needed
	Address       string         `json:"address,omitempty"`
	Answers       bool           `json:"answers"` // Fluent Bit answers at that address
	Version       string         `json:"fluent_bit_version,omitempty"`
	Uptime        float64        `json:"uptime_seconds,omitempty"`
	Findings      []finding      `json:"findings,omitempty"` // those of no single input
	Inputs        []*inputStatus `json:"inputs"`             // the most severe first
	now           time.Time
	configuration fluentbit.Configuration
}

// inputStatus is the status of one input. What is not known is left out.
type inputStatus struct {
	Name    string   `json:"name"` // alias, or Fluent Bit's name of it
	Where   string   `json:"input"`
	Product string   `json:"product,omitempty"`
	Site    string   `json:"site,omitempty"`
	Up      *bool    `json:"up,omitempty"`
	Failing []string `json:"failing,omitempty"` // causes of present failures
	// LastPoll from a state file may be up to an hour too old.
	LastPoll     *time.Time `json:"last_poll,omitempty"`
	Newest       *time.Time `json:"newest_record,omitempty"`
	Records      *float64   `json:"records,omitempty"` // since the start
	Hourly       *float64   `json:"records_per_hour,omitempty"`
	Over         float64    `json:"records_per_hour_over_seconds,omitempty"`
	Late         *float64   `json:"late_records,omitempty"`
	Gaps         *float64   `json:"gaps,omitempty"`
	CatchUp      *float64   `json:"catch_up_seconds,omitempty"`
	CatchUpTakes *float64   `json:"catch_up_estimate_seconds,omitempty"`
	Queued       *float64   `json:"queued_bytes,omitempty"`
	Chunks       *int       `json:"chunks,omitempty"` // in Fluent Bit's buffer
	TokenExpires *time.Time `json:"token_expires,omitempty"`
	DB           string     `json:"db,omitempty"`
	StateWritten *time.Time `json:"state_written,omitempty"`
	Holder       string     `json:"state_used_by,omitempty"`
	Shared       *sharing   `json:"shared,omitempty"`   // if the state is in a database
	Findings     []finding  `json:"findings,omitempty"` // the worst first

	input    input.Input
	mixed    bool   // the configuration has inputs of several products
	number   int    // among the confluence inputs
	log      string // as the state file names it
	interval time.Duration
	product  *site.Product
	metrics  *scrape.Input    // its metrics from Fluent Bit, nil if they are not known
	database *config.Settings // nil if the state is in no database
}

// survey collects the status once.
func survey(ctx context.Context, o options, seen *watched) (*overview, error) {
	inputs, c, err := input.ReadConfiguration(o.config, o.storage)
	if err != nil {
		return nil, err
	}
	all := &overview{now: time.Now(), configuration: c, Inputs: []*inputStatus{}}
	several := input.Mixed(inputs)
	for i, in := range inputs {
		s := newInputStatus(in, i)
		s.mixed = several
		all.Inputs = append(all.Inputs, s)
	}
	if o.alias != "" {
		in, err := input.Pick(inputs, o.config, o.alias)
		if err != nil {
			return nil, err
		}
		all.Inputs = slices.DeleteFunc(all.Inputs, func(s *inputStatus) bool { return s.Where != in.Where })
	}
	if all.Address = all.address(); all.Address == "" {
		all.readStates(ctx)
		return all, nil
	}
	found, err := scrape.Ask(ctx, all.Address)
	all.now = time.Now()
	if err == nil && len(found.Inputs) == 0 {
		err = &scrape.Error{Message: "the Fluent Bit at " + all.Address + " shows no confluence input",
			Remedy: "it is another one with the same http_port, or was started with another configuration, or built without metrics: see which process listens there"}
	}
	var unknown *scrape.Error
	switch {
	case errors.As(err, &unknown):
		all.add(finding{Level: person, Text: unknown.Message, Remedy: unknown.Remedy})
		all.readStates(ctx)
	case err != nil:
		return nil, err
	default:
		all.Answers, all.Version, all.Uptime = true, terminal.Plain(found.Version), found.Uptime.Seconds()
		all.take(found, seen, o.alias == "")
	}
	return all, nil
}

// address returns where Fluent Bit serves its metrics, "" if it does not, or if that is not known
// here.
func (all *overview) address() string {
	service := all.configuration.Service
	for _, key := range []string{"http_server", "http_listen", "http_port"} {
		if unset := service.Unset(key); len(unset) > 0 {
			all.add(finding{Level: person, Text: fmt.Sprintf("where Fluent Bit shows its metrics is not known: the variable ${%s} of %s is not set here", unset[0], key),
				Remedy: "set it as Fluent Bit has it"})
			return ""
		}
	}
	if !service.On("http_server") {
		all.add(finding{Level: person, Text: "http_server is not on in the service, so whether Fluent Bit runs is not known",
			Remedy: "set it on there, and http_listen 127.0.0.1 to keep others out, and start Fluent Bit anew; an -H of the command line is not seen here"})
		return ""
	}
	host, port := cmp.Or(service.Get("http_listen"), "0.0.0.0"), cmp.Or(service.Get("http_port"), "2020")
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		all.add(finding{Level: person, Text: fmt.Sprintf("http_port %q is no port", port), Remedy: "set it to a number from 1 to 65535"})
		return ""
	}
	// it means all addresses of this machine
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}

func newInputStatus(in input.Input, number int) *inputStatus {
	settings, _ := in.Offline().Settings(nil)
	s := &inputStatus{Name: terminal.Plain(cmp.Or(in.Alias, fmt.Sprintf("confluence.%d", number))), Where: in.Where, input: in, number: number, product: settings.Product}
	if !in.IsUnset("product") {
		s.Product = settings.Product.Key
	}
	if key := in.UnsetOfState(); key != "" {
		s.add(finding{Level: person, Text: "a variable of the configuration is not set here", Detail: "that of " + key, Remedy: "set it as Fluent Bit has it"})
		return s
	}
	read, of, err := in.State()
	if err != nil {
		s.add(finding{Level: person, Text: "the configuration has a mistake", Detail: terminal.Plain(strings.Join(config.Mistakes(err), "; ")),
			Remedy: "confluence-audit check tells more"})
		return s
	}
	s.DB, s.Site, s.log = read.DB, of.URL, of.Log()
	if read.Database != "" {
		s.DB, s.database = guest.Shown(read.Database), &read
	}
	s.interval = settings.PollInterval
	if !settings.TokenExpires.IsZero() {
		s.TokenExpires = &settings.TokenExpires
	}
	return s
}

// take adds what the metrics of Fluent Bit tell.
func (all *overview) take(found scrape.Found, seen *watched, whole bool) {
	uptime := found.Uptime
	configured := make(map[string]bool)
	for _, s := range all.Inputs {
		configured[s.Name] = true
		told, ok := found.Inputs[s.Name]
		if !ok {
			continue
		}
		s.metrics = &told
		value := func(name string) *float64 {
			if v, ok := told.Values[name]; ok {
				return &v
			}
			return nil
		}
		if up := value("up"); up != nil {
			s.Up = new(*up > 0)
		}
		for _, cause := range told.Failing {
			s.Failing = append(s.Failing, terminal.Plain(cause))
		}
		slices.Sort(s.Failing)
		s.LastPoll, s.Newest = moment(value("last_poll_timestamp_seconds")), moment(value("newest_record_timestamp_seconds"))
		s.Late, s.Gaps, s.Queued, s.Chunks = value("late_records_total"), value("gaps_total"), value("queued_bytes"), &told.Chunks
		if left := value("catch_up_seconds"); left != nil && *left > 0 {
			s.CatchUp = left
			if takes := value("catch_up_estimate_seconds"); takes != nil && *takes > 0 {
				s.CatchUpTakes = takes
			}
		}
		if s.Records = value("records_total"); s.Records != nil {
			if hourly, over := seen.rate(s.Name, *s.Records, uptime, all.now); over > 0 {
				s.Hourly, s.Over = &hourly, over.Seconds()
			}
		}
	}
	again := "confluence-audit rewind"
	if all.configuration.Service.On("storage.keep.rejected") {
		again = "confluence-audit replay, or what Fluent Bit has not kept with confluence-audit rewind"
	}
	for output, n := range found.Dropped {
		all.add(finding{Level: person, Text: fmt.Sprintf("the output %s has thrown away %.0f records since the start", terminal.Plain(output), n),
			Remedy: "mend what its receiver refuses, or set its retry_limit to no_limits; then deliver them again with " + again})
	}
	var others []string
	for name := range found.Inputs {
		if !configured[name] {
			others = append(others, terminal.Plain(name))
		}
	}
	if slices.Sort(others); whole && len(others) > 0 {
		all.add(finding{Level: note, Text: "Fluent Bit runs inputs that are not in this configuration: " + words.Some(others),
			Remedy: "the file has changed since the start, or is another one: start Fluent Bit anew with it"})
	}
}

// moment returns a Unix time, nil for 0.
func moment(seconds *float64) *time.Time {
	if seconds == nil || *seconds <= 0 || *seconds > 1e11 {
		return nil
	}
	return new(time.UnixMilli(int64(*seconds * 1000)).UTC())
}
