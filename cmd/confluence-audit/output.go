package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
)

// An output writes whole lines. A file never ends with a part of one: what a full disk has cut is
// removed.
type output struct {
	path       string // empty: standard output
	w          io.Writer
	file       *os.File // nil for an output that cannot be cut: standard output, a pipe, a device
	size       int64    // of the file, up to the last whole line
	compressed bool
	pending    []byte // whole lines that are not written yet
}

// writeSize is how much is written at a time, in bytes.
const writeSize = 1 << 20

// openOutput opens the file of --output. Other users cannot read a new file, because audit records
// are confidential. An existing file is not overwritten. With resume it is cut to size, the end of
// its last whole window, and continued.
func openOutput(path string, standard io.Writer, resume bool, size int64) (*output, error) {
	if path == "" || path == "-" {
		return &output{w: standard}, nil
	}
	o := &output{path: path, compressed: strings.HasSuffix(path, ".gz"), size: size}
	flags := os.O_CREATE | os.O_EXCL | os.O_WRONLY
	if resume {
		flags = os.O_WRONLY
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if info, statErr := os.Stat(path); statErr == nil && info.Mode().IsRegular() {
			return nil, cli.UsageError("--output %s is there already: choose another name, or remove it first", path)
		}
		f, err = os.OpenFile(path, os.O_WRONLY, 0) // to write to a pipe or a device
		o.w = f
		return o, createFailed(err)
	}
	if err != nil {
		return nil, createFailed(err)
	}
	o.w, o.file = f, f
	if err := o.cut(); err != nil {
		f.Close()
		return nil, err
	}
	return o, nil
}

func createFailed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("open output: %w; choose a file in a folder that can be written to", err)
}

// cut removes what is behind the last whole line.
func (o *output) cut() error {
	info, err := o.file.Stat()
	if err == nil && info.Size() < o.size {
		return fmt.Errorf("resume %s: it is shorter than it was, %d bytes instead of %d; remove it and begin again", o.path, info.Size(), o.size)
	}
	if err == nil {
		err = o.file.Truncate(o.size)
	}
	if err == nil {
		_, err = o.file.Seek(o.size, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("cut output to whole lines: %w", err)
	}
	return nil
}

// add adds lines, and writes them when there are enough.
func (o *output) add(lines []byte) error {
	o.pending = append(o.pending, lines...)
	if len(o.pending) >= writeSize {
		return o.flush()
	}
	return nil
}

// flush writes the added lines. If compressed, they are a gzip member of their own, so that the
// file can be read, and continued, at the end of each member.
func (o *output) flush() error {
	if len(o.pending) == 0 {
		return nil
	}
	data := o.pending
	if o.compressed {
		data = squeeze(data)
	}
	n, err := o.w.Write(data)
	if err == nil {
		o.size += int64(n)
		o.pending = o.pending[:0]
		return nil
	}
	err = fmt.Errorf("write records: %w; free space, or choose another output", err)
	if o.file != nil {
		err = errors.Join(err, o.cut())
	}
	return err
}

func squeeze(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	return b.Bytes()
}

// sync makes sure that all that was written is on disk.
func (o *output) sync() error {
	if o.file == nil {
		return nil
	}
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("write records to disk: %w; free space, or choose another output", err)
	}
	return nil
}

func (o *output) close() {
	if o.file != nil {
		o.file.Close()
	}
}

// remove deletes an empty file, which would be in the way of the next try.
func (o *output) remove() {
	if o.file != nil {
		_ = os.Remove(o.path)
	}
}
