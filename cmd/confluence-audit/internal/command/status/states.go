package status

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/terminal"
)

// readStates reads the state files, and counts the chunks in Fluent Bit's buffer.
func (all *overview) readStates(ctx context.Context) {
	inParallel(ctx, len(all.Inputs), func(i int) {
		s := all.Inputs[i]
		if s.DB != "" && s.database == nil {
			s.readState()
		}
		s.countChunks(all.configuration.Service)
	})
}

// readAtOnce is how many state files or databases are read at the same time.
const readAtOnce = 8

// inParallel calls do for 0 to n-1, some at the same time.
func inParallel(ctx context.Context, n int, do func(i int)) {
	slots, done := make(chan struct{}, readAtOnce), make(chan struct{})
	for i := range n {
		go func() {
			slots <- struct{}{}
			if ctx.Err() == nil {
				do(i)
			}
			<-slots
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
}

func (s *inputStatus) readState() {
	found, err := state.Look(s.DB)
	switch {
	case errors.Is(err, os.ErrNotExist):
		s.add(finding{Level: person, Text: "there is no state file: the input has never run, or runs elsewhere", Detail: absolute(s.DB),
			Remedy: "run status where Fluent Bit runs, in the same folder; or start Fluent Bit"})
	case state.IsDamage(err):
		s.add(finding{Level: person, Text: "the state file is damaged", Detail: terminal.Plain(err.Error()),
			Remedy: "look at the disk; at its next start the input keeps the file aside and begins again, repeats have the same event ids"})
	case err != nil:
		s.add(finding{Level: person, Text: "the state file cannot be read", Detail: terminal.Plain(err.Error()), Remedy: "run status as the user that Fluent Bit runs as"})
	case found.Site == "":
		s.StateWritten, s.Holder = &found.Written, found.Holder
		s.add(finding{Level: note, Text: "the state file is empty: nothing was read yet"})
	case found.Site != s.log && (&state.OtherSite{Is: found.Site, Want: s.log, CloudID: found.Checkpoint.CloudID}).Moved(found.Checkpoint.CloudID):
		s.add(finding{Level: person, Text: "the state file belongs to another address", Detail: terminal.Plain(found.Site),
			Remedy: "if that is the same site, the input takes the state along at its next start; if not, give each input a db of its own, or set api_url and product back"})
	case found.Site != s.log:
		s.add(finding{Level: person, Text: "the state file belongs to another site or product", Detail: terminal.Plain(found.Site), Remedy: "give each input a db of its own, or set api_url and product back"})
	default:
		c := found.Checkpoint
		s.StateWritten, s.Holder = new(found.Written.UTC()), terminal.Plain(found.Holder)
		if !c.Polled.IsZero() {
			s.LastPoll = &c.Polled
		}
		if c.Head.After(c.Origin) {
			s.Newest = &c.Head
		}
		if left := c.Left(); left > 0 {
			s.CatchUp = new(left.Seconds())
		}
	}
}

// absolute returns an absolute path, relative to the current folder.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// countChunks counts the chunks of an input that Fluent Bit keeps on disk.
func (s *inputStatus) countChunks(service fluentbit.Service) {
	folder := service.Get("storage.path")
	if folder == "" || len(service.Unset("storage.path")) > 0 || !s.input.OnDisk() {
		return
	}
	entries, err := os.ReadDir(filepath.Join(folder, fmt.Sprintf("confluence.%d", s.number)))
	if err != nil {
		return
	}
	n := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".flb") {
			n++
		}
	}
	s.Chunks = &n
}
