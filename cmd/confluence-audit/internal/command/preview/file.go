package preview

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/glance"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/terminal"
)

// maxLine bounds a line, which is the event of one record.
const maxLine = 32 << 20

// previewFiles shows the records of files with JSON lines, as written by export, replay and Fluent
// Bit's output stdout.
func previewFiles(cmd *cobra.Command, o options, paths []string) error {
	for _, name := range []string{"config", "input", "last", "follow", "from", "schema"} {
		if cmd.Flags().Changed(name) {
			return cli.UsageError("--%s and a file do not go together", name)
		}
	}
	if given := input.GivenKey(cmd); given != "" {
		return cli.UsageError("--%s and a file do not go together", given)
	}
	l := lineViewer{screen: terminal.On(cmd.OutOrStdout()), options: o}
	for _, path := range paths {
		if err := l.file(cmd.Context(), path, cmd.InOrStdin()); err != nil {
			return err
		}
	}
	return nil
}

// A lineViewer shows events one line each.
type lineViewer struct {
	screen  terminal.Screen
	options options
	doc     document.Document
	hasher  document.Hasher
}

func (l *lineViewer) file(ctx context.Context, path string, standard io.Reader) error {
	in := standard
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for ctx.Err() == nil && lines.Scan() {
		if err := l.show(lines.Bytes()); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case ctx.Err() != nil:
		return nil // the usual end of a file that is still being written
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("read %s: a line has more than %d MiB: want one event a line", path, maxLine>>20)
	case err != nil:
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// show shows one line. A line that is no known event is shown unchanged.
func (l *lineViewer) show(line []byte) error {
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return nil
	}
	text := terminal.Plain(string(line))
	if g, ok := l.glance(line); ok {
		if !g.Matches(l.options.action, l.options.user) {
			return nil
		}
		text = g.Line(l.screen)
	} else if l.options.action+l.options.user != "" {
		return nil
	}
	if _, err := fmt.Fprintln(l.screen, text); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

// glance reads an event of the schema ecs or raw.
func (l *lineViewer) glance(line []byte) (glance.Glance, bool) {
	var e struct {
		Tag, Record  json.RawMessage // as the test host of the project writes it
		Timestamp    json.RawMessage `json:"@timestamp"`
		Event        json.RawMessage
		CreationDate int64
		Time         string `json:"timestamp"` // of Data Center
		Created      string // of Jira Cloud
		Attributes   struct{ Time time.Time }
		Atlassian    *struct {
			Product, Deployment, Site string
		}
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return glance.Glance{}, false
	}
	switch {
	case e.Tag != nil && e.Record != nil:
		return l.glance(e.Record)
	case e.Timestamp != nil && e.Event != nil:
		return glance.Of(line), true
	case e.Atlassian == nil:
		return glance.Glance{}, false
	}
	at := time.UnixMilli(e.CreationDate)
	if !e.Attributes.Time.IsZero() {
		at = e.Attributes.Time
	}
	if t, err := time.Parse(time.RFC3339Nano, e.Time); err == nil {
		at = t
	} else if t, err := time.Parse("2006-01-02T15:04:05.999-0700", e.Created); err == nil {
		at = t
	}
	encoder, err := schema.Encoder(schema.Format{Schema: "ecs"}, event.Site{Product: e.Atlassian.Product, URL: e.Atlassian.Site, Deployment: cmp.Or(e.Atlassian.Deployment, "cloud")})
	if err != nil {
		return glance.Glance{}, false
	}
	l.doc.Parse(bytes.Clone(line))
	defer l.doc.Release()
	return glance.Of(encoder.AppendJSON(nil, at, &l.doc, event.Meta{Fingerprint: l.hasher.Fingerprint(&l.doc), Read: at})), true
}
