package export

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/lines"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/terminal"
	"fluent-bit-confluence/internal/window"
)

// exporter writes the records of one range of time.
type exporter struct {
	*auditlog.Log
	format *formatter
	hasher document.Hasher
	doc    document.Document
	// how many records without a time were written, by fingerprint
	seen     map[document.Fingerprint]int
	page     map[document.Fingerprint]bool // the events of the last page of an organization
	held     map[document.Fingerprint]bool // of the last moment before a new beginning, not yet written
	from, to time.Time
	barFrom  time.Time // the time at the beginning of the progress bar
	output   *lines.Writer
	progress progress

	messages io.Writer
	status   *terminal.Status
}

// export writes all records, and prints how many, or how far it came.
func (e *exporter) export(ctx context.Context) error {
	err := e.writeHeader()
	done := e.from
	if err == nil {
		done, err = e.run(ctx)
	}
	if err == nil && e.progress.Records == 0 {
		err = e.hidden(ctx)
	}
	e.status.Clear()
	if err != nil {
		state := e.unfinished(done)
		if ctx.Err() != nil {
			return cli.Stopped("stopped: " + state)
		}
		fmt.Fprintf(e.messages, "incomplete: %s\n", state)
		return err
	}
	if path := e.output.Path(); path != "" {
		_ = os.Remove(progressPath(path))
	}
	fmt.Fprintf(e.messages, "%d records\n", e.progress.Records)
	if n := e.format.event.Unknown(); n > 0 {
		fmt.Fprintf(e.messages, "%d of them have an action that is not in the table of actions, they are classified as other\n", n)
	}
	return nil
}

// hidden returns the error of a site that hides its records, see [window.Lists]. Then no record does
// not mean that there is none.
func (e *exporter) hidden(ctx context.Context) error {
	newest, found, err := e.Newest(ctx)
	if err != nil || !found || newest.Time.IsZero() {
		return err
	}
	if listed, err := window.Lists(ctx, e, newest.Time); err != nil || listed {
		return err
	}
	return fmt.Errorf("export: the site has a record of %s but lists none when asked for that time: try again later, and if it stays, run confluence-audit check "+
		"and report this with its output", newest.Time.Format(time.RFC3339))
}

func (e *exporter) writeHeader() error {
	header := e.format.header()
	if header == nil || e.progress.Size > 0 {
		return nil
	}
	return e.output.Add(header)
}

// unfinished tells what is written and how to go on.
func (e *exporter) unfinished(done time.Time) string {
	at, path := done.Format(time.RFC3339Nano), e.output.Path()
	switch {
	case e.progress.Records == 0:
		e.output.Remove()
		if path != "" {
			_ = os.Remove(progressPath(path))
		}
		return "no record is written; go on with --from " + at
	case path != "":
		return fmt.Sprintf("%d records are in %s, all before %s; go on with --resume", e.progress.Records, path, at)
	}
	return fmt.Sprintf("%d records are written, all before %s; go on with --from %s", e.progress.Records, at, at)
}

// write writes the records of a complete window, oldest first, and notes that all records before a
// time are written.
func (e *exporter) write(records []atlassian.Record, before time.Time) error {
	defer e.doc.Release()
	same := make(map[document.Fingerprint]int, len(records))
	n := 0
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
		meta := event.Meta{Fingerprint: fp, Occurrence: occurrence, Read: e.Now()}
		if err := e.output.Add(e.format.line(r.Time, &e.doc, meta)); err != nil {
			return e.undo(err)
		}
		n++
	}
	if err := e.output.Flush(); err != nil {
		return e.undo(err)
	}
	e.progress.Records, e.progress.Before = e.progress.Records+n, before
	path := e.output.Path()
	if path == "" {
		return nil
	}
	if err := e.output.Sync(); err != nil {
		return err
	}
	e.progress.Size = e.output.Size()
	return e.progress.save(path)
}

// undo removes the records of a window that could not be written as a whole, so that the file ends
// where the progress says.
func (e *exporter) undo(err error) error {
	if e.output.Path() != "" {
		_ = e.output.CutTo(e.progress.Size)
	}
	return err
}

// showProgress shows how much of the range is done.
func (e *exporter) showProgress(at, to time.Time) {
	const width = 30
	done := 1.0
	if total := to.Sub(e.barFrom); total > 0 {
		done = max(0, min(1, float64(at.Sub(e.barFrom))/float64(total)))
	}
	full := int(done * width)
	e.status.Show(fmt.Sprintf("[%s%s] %3.0f %%  %s  %d records",
		strings.Repeat("#", full), strings.Repeat(" ", width-full), done*100, at.Format(time.DateOnly), e.progress.Records))
}
