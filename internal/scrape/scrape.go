// Package scrape asks the HTTP server of a running Fluent Bit how it and its confluence inputs are.
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

// Limits of what an answer may cost.
const (
	patience = 10 * time.Second
	maxSize  = 32 << 20 // a thousand inputs with a thread of their own make 12 MB
	maxLine  = 64 << 10
)

// Found is what a Fluent Bit tells.
type Found struct {
	Version string
	Uptime  time.Duration
	Inputs  map[string]Input // the confluence inputs, by alias or instance name
	// records that outputs have thrown away, by output; those that have not are left out
	Dropped map[string]float64
}

// Input is one of the confluence inputs.
type Input struct {
	// of the metrics fluentbit_confluence_* with no label but the name, such as up
	Values  map[string]float64
	Tells   bool     // whether it tells why something fails
	Failing []string // the causes of what fails now
	Chunks  int      // that Fluent Bit has taken from it and not delivered
}

// Error says why nothing was learned.
type Error struct {
	Message, Remedy string
}

func (e *Error) Error() string { return e.Message + ": " + e.Remedy }

// The address of the configuration is the only one that is asked: no proxy, and no redirect.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Ask asks the HTTP server at an address, such as 127.0.0.1:2020.
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
	if answer.StatusCode != http.StatusOK {
		return Found{}, stranger(address, fmt.Sprintf("HTTP %d", answer.StatusCode))
	}
	found, any, err := read(io.LimitReader(answer.Body, maxSize+1))
	switch {
	case err != nil:
		return Found{}, unanswered(address, err)
	case !any && answer.ContentLength == 0:
		return Found{}, &Error{Message: "Fluent Bit at " + address + " has no metrics yet", Remedy: "it was started just now: ask again in some seconds"}
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
	// Without the address of the request, which the message has already.
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return &Error{Message: fmt.Sprintf("%s cannot be asked (%v)", address, err), Remedy: "see whether http_listen and http_port of the service are right, and whether Fluent Bit runs"}
}

var errTooMuch = errors.New("it sends too much")

// read takes out of an answer what is ours. any tells whether it is of a Fluent Bit.
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

// take notes a value of one of our inputs.
func (f *Found) take(name, metric string, s series) {
	in, known := f.Inputs[name]
	if !known {
		in.Values = make(map[string]float64)
	}
	cause, caused := s.labels["cause"]
	switch {
	case len(s.labels) == 1:
		in.Values[metric] = s.value
		// An input tells of nothing that fails where it shares its thread: such a value is there
		// only once something has.
		in.Tells = in.Tells || metric == "catch_up_estimate_seconds"
	case metric == "failing" && caused && s.value > 0:
		in.Failing = append(in.Failing, cause)
	}
	f.Inputs[name] = in
}

// seconds is a duration of so many, or the longest there is.
func seconds(n float64) time.Duration {
	return time.Duration(min(max(n, 0), 100*365*24*3600) * float64(time.Second))
}
