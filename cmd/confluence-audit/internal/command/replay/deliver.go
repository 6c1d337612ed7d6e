package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/host"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/chunk"
	"fluent-bit-confluence/internal/terminal"
)

// Sizes in bytes. Most outputs send a chunk as one request, and some receivers accept 1 MB at most.
// What is sent at a time is on disk twice.
const (
	chunkSize = 256 << 10
	batchSize = 32 << 20
)

// patience is how long an output may make no progress.
const patience = 2 * time.Minute

// A parcel is what one output gets.
type parcel struct {
	number  int // of the output in the configuration
	output  output
	files   []string
	records int
	tags    map[string]int // chunks by tag
}

// deliver sends each chunk to the output that refused it.
func (r *replayer) deliver(cmd *cobra.Command, o options) error {
	program, err := host.Find()
	if err != nil {
		return fmt.Errorf("replay into a configuration runs fluent-bit: %w; without it, it writes JSON lines: add --output FILE", err)
	}
	status := terminal.NewStatus(cmd.ErrOrStderr())
	parcels, err := r.sort(cmd.Context(), status)
	status.Clear()
	switch {
	case cmd.Context().Err() != nil:
		return cli.Stopped("stopped: nothing was sent")
	case err != nil:
		return err
	case len(parcels) == 0:
		fmt.Fprintln(r.messages, "there is nothing to send")
		return nil
	}
	screen := terminal.On(cmd.OutOrStdout())
	for _, p := range parcels {
		screen.Hang(p.output.name+"  ", len(p.output.name)+2, fmt.Sprintf("%s of %s, tagged %s", words.Count(p.records, "record"), words.Count(len(p.files), "file"), words.Some(sortedKeys(p.tags))))
	}
	if !o.yes {
		if err := cli.Consent(cmd); err != nil {
			return err
		}
	}
	for _, p := range parcels {
		d := delivery{replayer: r, to: p, program: program, config: o.config, status: status}
		err := d.run(cmd.Context())
		status.Clear()
		switch {
		case cmd.Context().Err() != nil:
			return cli.Stopped(fmt.Sprintf("stopped: %s has taken %d of %s", p.output.name, d.taken, words.Count(p.records, "record")))
		case err != nil:
			r.failed = true
			screen.Marked(terminal.Bad, fmt.Sprintf("%s has taken %d of %s: %v", p.output.name, d.taken, words.Count(p.records, "record"), err))
		default:
			screen.Marked(terminal.Good, fmt.Sprintf("%s has taken %s", p.output.name, words.Count(d.taken, "record")))
		}
	}
	screen.Hang("", 0, "the files are as they were: remove them when the receiver has the records")
	return nil
}

// sort reads all files and returns what each output gets.
func (r *replayer) sort(ctx context.Context, status *terminal.Status) ([]*parcel, error) {
	parcels := make([]*parcel, len(r.outputs))
	for i, path := range r.files {
		status.Show(fmt.Sprintf("reading file %d of %d", i+1, len(r.files)))
		records, from := 0, origin{}
		err := r.eachEvent(ctx, path, func(o origin, event chunk.Event) error {
			if from = o; event.Marker() == chunk.None {
				records++
			}
			return nil
		})
		var trouble *chunkError
		switch {
		case errors.As(err, &trouble):
			r.complain(err)
		case err != nil:
			return nil, err
		}
		if records == 0 {
			continue
		}
		number, err := r.outputOf(from)
		if err != nil {
			r.complain(&chunkError{path, err})
			continue
		}
		if parcels[number] == nil {
			parcels[number] = &parcel{number: number, output: r.outputs[number], tags: make(map[string]int)}
		}
		p := parcels[number]
		p.files, p.records = append(p.files, path), p.records+records
		p.tags[from.tag]++
	}
	parcels = slices.DeleteFunc(parcels, func(p *parcel) bool { return p == nil })
	for _, p := range parcels {
		if len(p.output.unset) > 0 {
			return nil, fmt.Errorf("%s holds the variable ${%s}, which is not set here: set it as Fluent Bit has it", p.output.name, p.output.unset[0])
		}
	}
	return parcels, nil
}

// outputOf returns the output for a chunk: the one that refused it, or the only one in the
// configuration.
func (r *replayer) outputOf(from origin) (int, error) {
	if i := slices.IndexFunc(r.outputs, func(one output) bool { return one.name == from.output }); i >= 0 {
		return i, nil
	}
	if len(r.outputs) == 1 {
		return 0, nil
	}
	var names []string
	for _, one := range r.outputs {
		names = append(names, one.name)
	}
	what := "which output refused it is not known"
	if from.output != "" {
		what = "it was refused by " + from.output + ", which is not in the configuration"
	}
	return 0, fmt.Errorf("%s: there are %s; name a configuration with one output only, and it goes there", what, words.Some(names))
}

// A delivery sends one parcel with a Fluent Bit process of its own. That finds the records as
// chunks left in its buffer. So they pass no filter a second time, and stay on disk until the
// output has taken them.
type delivery struct {
	*replayer
	to              *parcel
	program, config string
	status          *terminal.Status
	taken           int // records

	folder  string // of the batch
	batch   int    // its bytes so far
	records int    // and its records
	chunks  int
	tag     string // of the chunk that is being filled
	events  []byte
	inGroup bool
}

func (d *delivery) run(ctx context.Context) error {
	for _, path := range d.to.files {
		err := d.eachEvent(ctx, path, func(o origin, event chunk.Event) error {
			if full := len(d.events)+len(event) > chunkSize && !d.inGroup; full || o.tag != d.tag {
				if err := d.closeChunk(ctx, batchSize); err != nil {
					return err
				}
			}
			d.tag, d.events = o.tag, append(d.events, event...)
			switch event.Marker() {
			case chunk.None:
				d.records++
			default:
				d.inGroup = event.Marker() == chunk.GroupStart
			}
			return nil
		})
		var trouble *chunkError
		if err != nil && !errors.As(err, &trouble) { // which was printed before
			d.remove()
			return err
		}
		d.inGroup = false
	}
	err := d.closeChunk(ctx, 1)
	d.remove()
	return err
}

func (d *delivery) remove() {
	if d.folder != "" {
		_ = os.RemoveAll(d.folder)
	}
	d.folder = ""
}

// closeChunk writes the collected events as a chunk, and sends the batch if it has at least enough
// bytes.
func (d *delivery) closeChunk(ctx context.Context, enough int) error {
	if len(d.events) > 0 {
		if d.folder == "" {
			folder, err := os.MkdirTemp("", "confluence-audit-")
			if err == nil {
				d.folder = folder
				err = os.Mkdir(folder+"/replay", 0o700)
			}
			if err != nil {
				return fmt.Errorf("make a buffer: %w", err)
			}
		}
		d.chunks++
		if err := os.WriteFile(fmt.Sprintf("%s/replay/%09d.flb", d.folder, d.chunks), chunk.File(cmp.Or(d.tag, "replay"), d.events), 0o600); err != nil {
			return fmt.Errorf("write the buffer: %w; free space, or set TMPDIR", err)
		}
		d.batch, d.events = d.batch+len(d.events), d.events[:0]
	}
	if d.batch < enough {
		return nil
	}
	err := d.send(ctx)
	d.remove()
	d.batch, d.records = 0, 0
	return err
}

// send runs a Fluent Bit over the batch until its output has taken all of it.
func (d *delivery) send(ctx context.Context) error {
	copied, err := host.CopyWithOutput(d.config, d.to.number, len(d.outputs), d.folder)
	if err != nil {
		return err
	}
	defer copied.Remove()
	running, err := host.Start(ctx, d.program, copied, d.secrets)
	if err != nil {
		return err
	}
	defer running.Stop()
	moved := time.Now()
	for seen := 0; ; {
		// There is only one output, so its name does not matter.
		counts, _ := running.Counts(ctx)
		var c host.Counts
		for _, c = range counts {
		}
		d.status.Show(fmt.Sprintf("%s: %d of %s", d.to.output.name, d.taken+c.Records, words.Count(d.to.records, "record")))
		switch {
		case c.GaveUp():
			d.taken += c.Records
			return fmt.Errorf("it refused the rest again: %s", cmp.Or(running.Refusal(), "Fluent Bit does not say why"))
		case c.Records >= d.records:
			d.taken += d.records
			return nil
		case c.Records > seen:
			seen, moved = c.Records, time.Now()
		case time.Since(moved) > patience:
			d.taken += c.Records
			return fmt.Errorf("it has taken nothing for %s: %s", words.About(patience), cmp.Or(running.Refusal(), "Fluent Bit does not say why"))
		}
		select {
		case <-ctx.Done():
			d.taken += c.Records
			return ctx.Err()
		case <-running.Ended():
			d.taken += c.Records
			return fmt.Errorf("fluent-bit has ended: %s", cmp.Or(running.FirstError(), "it says nothing"))
		case <-time.After(200 * time.Millisecond):
		}
	}
}
