package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/redact"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// outputPatience is how long an output may take for the test record.
const outputPatience = 30 * time.Second

// tryOutputs sends one marked test record for each input through the outputs of a configuration,
// with the real Fluent Bit, and returns a step for each output.
func tryOutputs(ctx context.Context, path string, inputs []input.Input, secrets []string, status *terminal.Status) ([]site.Step, error) {
	program, err := findFluentBit()
	if err != nil {
		return nil, fmt.Errorf("--output sends a test record with fluent-bit: %w", err)
	}
	if c, err := fluentbit.Read(path, os.Getenv); err != nil {
		return nil, err
	} else if len(c.Files) > 1 {
		return nil, fmt.Errorf("--output cannot try %s: it includes other files, so try the outputs from a file without includes", path)
	}
	var tests []testInput
	for _, in := range inputs {
		event, err := testEvent(in)
		if err != nil {
			return nil, err
		}
		tests = append(tests, testInput{cmp.Or(in.Get("tag"), "confluence.0"), string(event)})
	}
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	staged, remove, err := stage(path, tests, port)
	if err != nil {
		return nil, err
	}
	defer remove()

	ctx, cancel := context.WithTimeout(ctx, outputPatience)
	defer cancel()
	hired, err := hireFluentBit(ctx, program, staged, port, secrets)
	if err != nil {
		return nil, err
	}
	status.Show("sending a test record through the outputs")
	counts := awaitOutputs(ctx, port, hired.log.ended)
	status.Clear()
	hired.stop()
	log := hired.log
	if counts == nil {
		return nil, fmt.Errorf("fluent-bit does not start with these outputs: %s", cmp.Or(log.about(""), "it says nothing"))
	}
	return outputSteps(counts, log), nil
}

// testEvent returns the event that an input would make of a record that is clearly marked as a
// test.
func testEvent(in input.Input) ([]byte, error) {
	settings, err := in.Offline().Settings(nil)
	if err != nil {
		return nil, err
	}
	encoder, err := schema.Encoder(settings.Format(), event.Site{Product: settings.Product.Key, URL: settings.APIURL, Deployment: "cloud"})
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	var (
		doc    document.Document
		hasher document.Hasher
	)
	doc.Parse(testRecord(settings.Product, now))
	return encoder.AppendJSON(nil, now, &doc, event.Meta{Fingerprint: hasher.Fingerprint(&doc), Read: now}), nil
}

// testRecord returns a record as the Cloud of a product has it.
func testRecord(product *site.Product, now time.Time) []byte {
	const text = `"summary":"Test record","description":"Sent by confluence-audit check --output; nothing has happened.","category":"Test"`
	switch product.Key {
	case "organization":
		at := now.UTC().Format(time.RFC3339)
		return fmt.Appendf(nil, `{"id":"test","type":"events","attributes":{"time":"%s","processedAt":"%[1]s","action":"test","actor":{"name":"confluence-audit"}},`+
			`"message":{"content":"Test record, sent by confluence-audit check --output; nothing has happened."}}`, at)
	case "jira":
		return fmt.Appendf(nil, `{"id":0,"created":"%s",%s}`, now.Format("2006-01-02T15:04:05.000-0700"), text)
	}
	return fmt.Appendf(nil, `{"author":{"type":"user","displayName":"confluence-audit"},"remoteAddress":"","creationDate":%d,%s}`, now.UnixMilli(), text)
}

// outputCounts are Fluent Bit's counts of one output.
type outputCounts struct {
	Records       int `json:"proc_records"`
	Errors        int `json:"errors"`
	Retries       int `json:"retries"`
	RetriesFailed int `json:"retries_failed"`
	Dropped       int `json:"dropped_records"`
}

func (c outputCounts) refused() bool { return c.Errors+c.Retries+c.RetriesFailed+c.Dropped > 0 }

// awaitOutputs reads the counts until each output has taken or refused something, or time is up. It
// returns nil if Fluent Bit has never answered.
func awaitOutputs(ctx context.Context, port string, ended <-chan struct{}) map[string]outputCounts {
	var counts map[string]outputCounts
	for {
		if now, err := askOutputs(ctx, port); err == nil {
			counts = now
			open := func(c outputCounts) bool { return c.Records == 0 && !c.refused() }
			if len(counts) > 0 && !slices.ContainsFunc(slices.Collect(maps.Values(counts)), open) {
				return counts
			}
		}
		select {
		case <-ctx.Done():
			return counts
		case <-ended:
			return counts
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func askOutputs(ctx context.Context, port string) (map[string]outputCounts, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/api/v1/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var metrics struct{ Output map[string]outputCounts }
	err = json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&metrics)
	return metrics.Output, err
}

func outputSteps(counts map[string]outputCounts, log *fluentBitLog) []site.Step {
	var steps []site.Step
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		step := site.Step{Name: name}
		said := log.about(name)
		switch c := counts[name]; {
		case c.refused():
			step.Status, step.Detail = site.Fail, "refused the test record: "+cmp.Or(said, "Fluent Bit does not say why")
		case c.Records > 0:
			step.Status, step.Detail = site.OK, "took the test record"
			if said != "" {
				step.Detail += ": " + said
			}
		default:
			step.Status, step.Detail = site.Warn, fmt.Sprintf("got no test record, or did not answer within %s: check its match", words.About(outputPatience))
		}
		steps = append(steps, step)
	}
	return steps
}

// fluentBitLog keeps the last lines of Fluent Bit's log about outputs and errors.
type fluentBitLog struct {
	mu      sync.Mutex
	lines   []string
	ended   chan struct{}
	secrets []string // of the configuration
}

// maxKept bounds the lines.
const maxKept = 200

func (l *fluentBitLog) read(r io.Reader) {
	defer close(l.ended)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		text := lines.Text()
		if strings.Contains(text, "[output:") || strings.Contains(text, "[error]") || strings.Contains(text, "[ warn]") {
			l.mu.Lock()
			l.lines = append(l.lines, redact.Quote(text, maxShown, l.secrets...))
			l.lines = l.lines[max(0, len(l.lines)-maxKept):]
			l.mu.Unlock()
		}
	}
	// A line that is too long ends the scanner. Read on, so that Fluent Bit does not block.
	_, _ = io.Copy(io.Discard, r)
}

var (
	logHead = regexp.MustCompile(`^\[[^]]*\] \[[a-z ]+\] (\[[^]]*\] )*`)
	starts  = regexp.MustCompile(`worker #|initializ|registered|version=`)
)

// about returns the last line about an output that tells the receiver's answer, preferably an
// error. For "" it returns the first error.
func (l *fluentBitLog) about(output string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := ""
	for _, line := range l.lines {
		bad := strings.Contains(line, "[error]") || strings.Contains(line, "[ warn]")
		text := logHead.ReplaceAllString(line, "")
		switch {
		case output == "" && strings.Contains(line, "[error]"):
			return text
		case output == "" || !strings.Contains(line, ":"+output+"]") || starts.MatchString(text):
		case bad:
			return text
		default:
			last = text
		}
	}
	return last
}
