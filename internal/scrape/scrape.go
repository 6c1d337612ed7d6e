// Package scrape reads the metrics of a running Fluent Bit and of its confluence inputs from its
// HTTP server.
package scrape

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Limits for an answer.
const (
	patience = 10 * time.Second
	maxSize  = 32 << 20 // a thousand inputs with a thread of their own make 12 MB
	maxLine  = 64 << 10
)

// Found is what the metrics of a Fluent Bit tell.
type Found struct {
	Version string
	Uptime  time.Duration
	Inputs  map[string]Input // the confluence inputs, by alias or instance name
	// Dropped is how many records outputs have dropped, by output. Outputs that have dropped none
	// are left out.
	Dropped map[string]float64
}

// Input is one of the confluence inputs.
type Input struct {
	// Values are those of the metrics fluentbit_confluence_* that have no second label, such as up.
	Values  map[string]float64
	Tells   bool     // whether it has metrics that tell why something fails
	Failing []string // the causes of present failures
	Chunks  int      // chunks that Fluent Bit has not delivered yet
}

// Error is why no metrics could be read, with what to do.
type Error struct {
	Message, Remedy string
}

func (e *Error) Error() string { return e.Message + ": " + e.Remedy }

// client sends requests only to the address in the configuration: no proxy, no redirect.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Ask reads the metrics from the HTTP server at an address, such as 127.0.0.1:2020.
func Ask(ctx context.Context, address string) (Found, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v2/metrics/prometheus", nil)
	if err != nil {
		return Found{}, &Error{Message: address + " is no address", Remedy: "mend http_listen and http_port of the service"}
	}
	answer, err := client.Do(request)
	if err != nil {
		return Found{}, unanswered(address, err)
	}
	defer answer.Body.Close()
	// In its first seconds Fluent Bit has no such page, in older versions an empty one.
	young := &Error{Message: "Fluent Bit at " + address + " has no metrics yet", Remedy: "it was started just now: ask again in some seconds"}
	switch {
	case answer.StatusCode == http.StatusNotFound && strings.HasPrefix(answer.Header.Get("Server"), "Fluent Bit"):
		return Found{}, young
	case answer.StatusCode != http.StatusOK:
		return Found{}, stranger(address, fmt.Sprintf("HTTP %d", answer.StatusCode))
	}
	found, any, err := read(io.LimitReader(answer.Body, maxSize+1))
	switch {
	case err != nil:
		return Found{}, unanswered(address, err)
	case !any && answer.ContentLength == 0:
		return Found{}, young
	case !any:
		return Found{}, stranger(address, "it shows no metric of Fluent Bit")
	}
	return found, nil
}

func stranger(address, why string) error {
	return &Error{Message: fmt.Sprintf("what answers at %s is no Fluent Bit (%s)", address, why), Remedy: "give Fluent Bit an http_port of its own"}
}

func unanswered(address string, err error) error {
	var (
		timeout net.Error
		name    *net.DNSError
		network *net.OpError
	)
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Message: fmt.Sprintf("%s did not answer within %s", address, patience),
			Remedy: "see whether Fluent Bit hangs, and whether it is what listens there"}
	case errors.As(err, &network) && network.Op == "dial" && !errors.As(err, &name):
		return &Error{Message: "nobody answers at " + address + ": Fluent Bit does not run, or runs with another configuration",
			Remedy: "start it; if it ends again, its log says why"}
	case errors.Is(err, errTooMuch):
		return stranger(address, err.Error())
	}
	// The innermost error does not repeat the address, which the message has already.
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return &Error{Message: fmt.Sprintf("%s cannot be asked (%v)", address, err), Remedy: "see whether http_listen and http_port of the service are right, and whether Fluent Bit runs"}
}

var errTooMuch = errors.New("it sends too much")

// read reads an answer. any is whether it is one of Fluent Bit.
func read(r io.Reader) (found Found, any bool, err error) {
	found = Found{Inputs: make(map[string]Input), Dropped: make(map[string]float64)}
	chunks := make(map[string]int)
	size := 0
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		size += len(lines.Bytes()) + 1
		s, ok := parse(lines.Text())
		if !ok {
			continue
		}
		any = true
		name := s.labels["name"]
		switch {
		case strings.HasPrefix(s.metric, ours):
			found.take(name, strings.TrimPrefix(s.metric, ours), s)
		case s.metric == "fluentbit_uptime":
			found.Uptime = seconds(s.value)
		case s.metric == "fluentbit_build_info":
			found.Version = s.labels["version"]
		case s.metric == "fluentbit_input_storage_chunks":
			chunks[name] = int(s.value)
		case s.metric == "fluentbit_output_dropped_records_total" && s.value > 0:
			found.Dropped[name] = s.value
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) || size > maxSize {
		return found, any, errTooMuch
	}
	for name, in := range found.Inputs {
		in.Chunks = chunks[name]
		found.Inputs[name] = in
	}
	return found, any, lines.Err()
}

const ours = "fluentbit_confluence_"

// take notes a value of a confluence input.
func (f *Found) take(name, metric string, s series) {
	in, known := f.Inputs[name]
	if !known {
		in.Values = make(map[string]float64)
	}
	cause, caused := s.labels["cause"]
	switch {
	case len(s.labels) == 1:
		in.Values[metric] = s.value
		// An input without a thread of its own has the metric `failing` only after a failure. It
		// has this metric from the start.
		in.Tells = in.Tells || metric == "catch_up_estimate_seconds"
	case metric == "failing" && caused && s.value > 0:
		in.Failing = append(in.Failing, cause)
	}
	f.Inputs[name] = in
}

// seconds returns a duration of n seconds, at most the longest there is.
func seconds(n float64) time.Duration {
	return time.Duration(min(max(n, 0), 100*365*24*3600) * float64(time.Second))
}
