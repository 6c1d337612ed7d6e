package check

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/host"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/terminal"
)

// outputPatience is how long an output may take for the test record.
const outputPatience = 30 * time.Second

// tryOutputs sends one marked test record for each input through the outputs of a configuration,
// with the real Fluent Bit, and returns a step for each output.
func tryOutputs(ctx context.Context, path string, inputs []input.Input, secrets []string, status *terminal.Status) ([]site.Step, error) {
	program, err := host.Find()
	if err != nil {
		return nil, fmt.Errorf("--output sends a test record with fluent-bit: %w", err)
	}
	if c, err := fluentbit.Read(path, os.Getenv); err != nil {
		return nil, err
	} else if len(c.Files) > 1 {
		return nil, fmt.Errorf("--output cannot try %s: it includes other files, so try the outputs from a file without includes", path)
	}
	var tests []host.TestInput
	for _, in := range inputs {
		event, err := testEvent(in)
		if err != nil {
			return nil, err
		}
		tests = append(tests, host.TestInput{Tag: cmp.Or(in.Get("tag"), "confluence.0"), Event: string(event)})
	}
	copied, err := host.CopyWithInputs(path, tests)
	if err != nil {
		return nil, err
	}
	defer copied.Remove()

	ctx, cancel := context.WithTimeout(ctx, outputPatience)
	defer cancel()
	running, err := host.Start(ctx, program, copied, secrets)
	if err != nil {
		return nil, err
	}
	status.Show("sending a test record through the outputs")
	counts := awaitOutputs(ctx, running)
	status.Clear()
	running.Stop()
	if counts == nil {
		return nil, fmt.Errorf("fluent-bit does not start with these outputs: %s", cmp.Or(running.FirstError(), "it says nothing"))
	}
	return outputSteps(counts, running), nil
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

// awaitOutputs reads the counts until each output has taken or refused something, or time is up. It
// returns nil if Fluent Bit has never answered.
func awaitOutputs(ctx context.Context, running *host.Process) map[string]host.Counts {
	var counts map[string]host.Counts
	for {
		if now, err := running.Counts(ctx); err == nil {
			counts = now
			open := func(c host.Counts) bool { return c.Records == 0 && !c.Refused() }
			if len(counts) > 0 && !slices.ContainsFunc(slices.Collect(maps.Values(counts)), open) {
				return counts
			}
		}
		select {
		case <-ctx.Done():
			return counts
		case <-running.Ended():
			return counts
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func outputSteps(counts map[string]host.Counts, running *host.Process) []site.Step {
	var steps []site.Step
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		step := site.Step{Name: name}
		said := running.About(name)
		switch c := counts[name]; {
		case c.Refused():
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
