// Package lines writes whole lines to a file, a pipe or standard output.
package lines

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

// A Writer writes whole lines. A file never ends with a part of one: what a full disk has cut is
// removed.
type Writer struct {
	path       string // empty if the output cannot be cut
	w          io.Writer
	file       *os.File // nil if the output cannot be cut
	size       int64    // of the file, up to the last whole line
	compressed bool
	pending    []byte // whole lines that are not written yet
}

// writeSize is how much is written at a time, in bytes.
const writeSize = 1 << 20

// Create opens the new file of a path, or writes to standard if the path is empty or "-". Other
// users cannot read the file, because audit records are confidential. An existing file is not
// overwritten.
func Create(path string, standard io.Writer) (*Writer, error) {
	if path == "" || path == "-" {
		return &Writer{w: standard}, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if info, statErr := os.Stat(path); statErr == nil && info.Mode().IsRegular() {
			return nil, cli.UsageError("--output %s is there already: choose another name, or remove it first", path)
		}
		f, err = os.OpenFile(path, os.O_WRONLY, 0) // to write to a pipe or a device
		if err != nil {
			return nil, openFailed(err)
		}
		return &Writer{w: f, compressed: isCompressed(path)}, nil
	}
	if err != nil {
		return nil, openFailed(err)
	}
	return &Writer{path: path, w: f, file: f, compressed: isCompressed(path)}, nil
}

// Resume continues a file, which it first cuts to size: the end of the last line that counts.
func Resume(path string, size int64) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, openFailed(err)
	}
	o := &Writer{path: path, w: f, file: f, compressed: isCompressed(path)}
	if err := o.CutTo(size); err != nil {
		f.Close()
		return nil, err
	}
	return o, nil
}

func isCompressed(path string) bool { return strings.HasSuffix(path, ".gz") }

func openFailed(err error) error {
	return fmt.Errorf("open output: %w; choose a file in a folder that can be written to", err)
}

// Path returns the path of the file, "" for an output that cannot be cut: standard output, a pipe,
// a device.
func (o *Writer) Path() string { return o.path }

// Size returns the size of the file in bytes, up to the last whole line.
func (o *Writer) Size() int64 { return o.size }

// CutTo removes what is behind the first size bytes of the file, and what was added and is not written.
func (o *Writer) CutTo(size int64) error {
	o.size, o.pending = size, nil
	return o.cut()
}

// cut removes what is behind the last whole line.
func (o *Writer) cut() error {
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

// Add adds lines, and writes them when there are enough.
func (o *Writer) Add(lines []byte) error {
	o.pending = append(o.pending, lines...)
	if len(o.pending) >= writeSize {
		return o.Flush()
	}
	return nil
}

// Flush writes the added lines. If compressed, they are a gzip member of their own, so that the
// file can be read, and continued, at the end of each member.
func (o *Writer) Flush() error {
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

// Sync makes sure that all that was written is on disk.
func (o *Writer) Sync() error {
	if o.file == nil {
		return nil
	}
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("write records to disk: %w; free space, or choose another output", err)
	}
	return nil
}

func (o *Writer) Close() {
	if o.file != nil {
		o.file.Close()
	}
}

// Remove deletes an empty file, which would be in the way of the next try.
func (o *Writer) Remove() {
	if o.file != nil {
		_ = os.Remove(o.path)
	}
}
