// Package replay delivers again what outputs refused for good and Fluent Bit has kept, or writes it.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/lines"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/chunk"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/terminal"
)

// Command returns the command replay.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "replay [flags] [file|folder...]",
		Short: "deliver again what outputs refused for good, or show it",
		Long: `Reads the chunks that Fluent Bit has put aside with storage.keep.rejected, because a receiver refused them for good: in the files and folders named, or in the folder of the configuration.

With --config it sends each to the output that refused it, as that stands in the configuration now, with the fluent-bit on the PATH. Records have the event ids that they had, and pass no filter a second time. It says first what it will send, and asks. Without --config, or with --output, it writes the records as JSON lines.

It changes and removes no file. Fluent Bit appends to them: move them elsewhere first, name that folder, and remove it when the receiver has the records.`,
		Example: `  confluence-audit replay --config fluent-bit.yaml
  confluence-audit replay --config fluent-bit.yaml --yes /var/tmp/rejected
  confluence-audit replay /var/lib/fluent-bit/buffer/rejected > records.ndjson
  confluence-audit replay --tag 'atlassian.*' --output records.ndjson.gz /var/tmp/rejected`,
		Annotations: map[string]string{cli.OKMeans: "all was read, and delivered or written", cli.FailedMeans: "not all was delivered or written, or not all could be read"},
		Args:        cobra.ArbitraryArgs,
	}
	cli.ConfigFlag(cmd, &o.config, "Send the records to the outputs of this configuration of Fluent Bit, classic or YAML.")
	cli.TextVar(cmd, &o.output, "output", "", "<file>", "Write JSON lines to a new file instead, compressed if its name ends in .gz; - is standard output.")
	cli.TextVar(cmd, &o.tag, "tag", "*", "<pattern>", "Only chunks with this tag; * stands for any text, as in match.")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "Do not ask.")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return replay(cmd, o, args) }
	return cmd
}

type options struct {
	config, output, tag string
	yes                 bool
}

func replay(cmd *cobra.Command, o options, paths []string) error {
	if o.config == "" && len(paths) == 0 {
		return cli.UsageError("want files or folders with chunks, or --config, in which the folder is")
	}
	r := &replayer{tag: o.tag, messages: terminal.On(cmd.ErrOrStderr())}
	if o.config != "" {
		c, err := fluentbit.Read(o.config, os.Getenv)
		if err != nil {
			return err
		}
		if r.outputs, r.tags, err = readOutputs(o.config, c); err != nil {
			return err
		}
		r.secrets = c.Secrets
		if len(paths) == 0 {
			folder, err := rejectedFolder(o.config, c.Service)
			if err != nil {
				return err
			}
			paths = []string{folder}
		}
	}
	files, empty, troubles := chunkFiles(paths)
	r.files = files
	for _, folder := range empty {
		r.messages.Hang("", 0, "there is no chunk in "+folder)
	}
	for _, err := range troubles {
		r.complain(err)
	}
	var err error
	if o.config == "" || o.output != "" {
		err = r.write(cmd.Context(), o.output, cmd.OutOrStdout())
	} else {
		err = r.deliver(cmd, o)
	}
	r.tellSkipped()
	switch {
	case err != nil:
		return err
	case r.failed:
		return cli.ErrFailed
	}
	return nil
}

// A replayer reads rejected chunks.
type replayer struct {
	files    []string
	tag      string
	outputs  []output // nil without a configuration
	tags     []string // of its confluence inputs
	secrets  []string // of the configuration
	messages terminal.Screen
	failed   bool
	skipped  map[string]int // how many chunks were left out, by tag
}

// complain prints what is wrong with a file. The other files are still read.
func (r *replayer) complain(err error) {
	r.failed = true
	r.messages.Hang("", 0, terminal.Plain(err.Error()))
}

// tellSkipped prints how many chunks were left out because of another tag.
func (r *replayer) tellSkipped() {
	for _, tag := range sortedKeys(r.skipped) {
		r.messages.Hang("", 0, fmt.Sprintf("left out: %s with the tag %s", words.Count(r.skipped[tag], "chunk"), terminal.Plain(tag)))
	}
}

// eachEvent calls do for each event of one file, also for markers of groups. If the file is
// damaged, it returns that error after all that can be read. An error of do ends it.
func (r *replayer) eachEvent(ctx context.Context, path string, do func(o origin, event chunk.Event) error) error {
	file, err := openChunk(path)
	if err != nil {
		return &chunkError{path, err}
	}
	defer file.Close()
	reader, err := chunk.NewReader(file)
	if err != nil {
		return &chunkError{path, err}
	}
	o := r.originOf(path, reader.Tag())
	if !matches(r.tag, o.tag) {
		if r.skipped == nil {
			r.skipped = make(map[string]int)
		}
		r.skipped[o.tag]++
		return nil
	}
	for {
		event, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &chunkError{path, err}
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if err := do(o, event); err != nil {
			return err
		}
	}
}

// chunkError is the error of one file. The others can be read.
type chunkError struct {
	path string
	err  error
}

func (e *chunkError) Error() string { return e.path + ": " + e.err.Error() }
func (e *chunkError) Unwrap() error { return e.err }

// write writes all records as JSON lines.
func (r *replayer) write(ctx context.Context, path string, standard io.Writer) error {
	output, err := lines.Create(path, standard)
	if err != nil {
		return err
	}
	defer output.Close()
	records := 0
	var line []byte
	for _, path := range r.files {
		err := r.eachEvent(ctx, path, func(_ origin, event chunk.Event) (err error) {
			if event.Marker() != chunk.None {
				return nil
			}
			if line, err = event.AppendJSON(line[:0]); err != nil {
				return &chunkError{path, err}
			}
			line = append(line, '\n')
			records++
			return output.Add(line)
		})
		var trouble *chunkError
		switch {
		case errors.As(err, &trouble):
			r.complain(err)
		case ctx.Err() != nil:
			if err := output.Flush(); err != nil {
				return err
			}
			if records == 0 {
				output.Remove()
			}
			return cli.Stopped(fmt.Sprintf("stopped: not all is written, only %s", words.Count(records, "record")))
		case err != nil:
			return err
		}
	}
	if err := output.Flush(); err != nil {
		return err
	}
	if records == 0 {
		output.Remove()
	}
	fmt.Fprintf(r.messages, "%s of %s\n", words.Count(records, "record"), words.Count(len(r.files), "file"))
	return output.Sync()
}

// matches returns whether a tag matches a pattern of Fluent Bit, in which * stands for any text.
func matches(pattern, tag string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(tag, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, behind, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = behind
	}
	return strings.HasSuffix(rest, last)
}
