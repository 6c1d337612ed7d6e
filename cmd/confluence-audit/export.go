package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/record"
)

const exportUsage = `Usage: confluence-audit export [flags]

Writes one record per line, the oldest first. The exit code is 0 when all records
were written. After a failure or Ctrl-C it is 1, and a line tells where to go on.

  --from <time>
        A duration back such as 30d, a date such as 2026-11-01 (midnight UTC), an
        RFC 3339 time, or all. Another name for --start-from.
  --to <time>
        The same, the end of what is written (default now)
  --output <file>
        Write to a file instead of standard output.

Each of the following can also come from the environment: --api-url from
CONFLUENCE_API_URL and so on.

`

// export is the command export.
func export(ctx context.Context, c console, args []string) error {
	set := flag.NewFlagSet("export", flag.ContinueOnError)
	get := config.Flags(set)
	from := set.String("from", "", "")
	to := set.String("to", "now", "")
	output := set.String("output", "", "")
	err := parseFlags(set, c, args, func(w io.Writer) {
		fmt.Fprint(w, exportUsage)
		config.Usage(w)
	})
	if err != nil {
		return err
	}
	settings, err := config.Parse(func(key string) string {
		if key == "start_from" && *from != "" {
			return *from
		}
		return get(key)
	})
	if err != nil {
		return err
	}
	end, err := config.ParseStartFrom(*to)
	if err != nil {
		return usageError("--to %q: %v", *to, err)
	}
	client, err := confluence.New(settings.Options)
	if err != nil {
		return err
	}
	site, err := client.Connect(ctx)
	if err != nil {
		return err
	}
	encoder, err := record.NewEncoder(record.Format{Schema: settings.Schema, IncludeRaw: settings.IncludeRaw}, record.Site{
		URL: site.URL, Deployment: string(site.Deployment), CloudID: site.CloudID,
	})
	if err != nil {
		return err
	}
	now := client.Now()
	e := &exporter{client: client, encoder: encoder, from: settings.StartFrom.At(now),
		// The site tells its time in whole seconds, records have milliseconds.
		to: end.At(now.Add(time.Second)), progress: newProgress(c.err)}
	return e.writeTo(ctx, c, *output)
}

// exporter writes the records of one stretch of time.
type exporter struct {
	client   *confluence.Client
	encoder  *record.Encoder
	hasher   record.Hasher
	doc      record.Document
	line     []byte
	seen     map[record.Fingerprint]int // records without a time, which belong to no window
	from, to time.Time
	count    int
	progress *progress
}

func (e *exporter) writeTo(ctx context.Context, c console, path string) error {
	w := c.out
	if path != "" {
		// Audit records are nobody else's business.
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("create output: %w", err)
		}
		defer f.Close()
		w = f
	}
	buffer := bufio.NewWriterSize(w, 1<<20)
	done, err := e.run(ctx, buffer)
	e.progress.clear()
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	if err != nil {
		fmt.Fprintf(c.err, "incomplete: %d records are written, all before %s; go on with --from %s\n",
			e.count, done.Format(time.RFC3339Nano), done.Format(time.RFC3339Nano))
		if errors.Is(err, context.Canceled) {
			return errors.New("stopped")
		}
		return err
	}
	fmt.Fprintf(c.err, "%d records\n", e.count)
	if n := e.encoder.Unknown(); n > 0 {
		fmt.Fprintf(c.err, "%d of them have an action that is not in the table of actions, they are classified as other\n", n)
	}
	return nil
}

// write writes the records of a complete window, oldest first.
func (e *exporter) write(w io.Writer, records []confluence.Record) error {
	defer e.doc.Release()
	same := make(map[record.Fingerprint]int, len(records))
	for _, r := range records {
		e.doc.Parse(r.Raw)
		fp := e.hasher.Fingerprint(&e.doc)
		occurrence := same[fp]
		same[fp]++
		if r.Time.IsZero() {
			if occurrence < e.seen[fp] {
				continue
			}
			e.seen[fp] = occurrence + 1
		}
		meta := record.Meta{Fingerprint: fp, Occurrence: occurrence, Read: e.client.Now()}
		e.line = append(e.encoder.AppendJSON(e.line[:0], r.Time, &e.doc, meta), '\n')
		if _, err := w.Write(e.line); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
		e.count++
	}
	return nil
}
