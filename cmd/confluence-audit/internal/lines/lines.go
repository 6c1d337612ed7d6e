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
	to         io.Writer
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
		return &Writer{to: standard}, nil
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
		return &Writer{to: f, compressed: isCompressed(path)}, nil
	}
	if err != nil {
		return nil, openFailed(err)
	}
	return &Writer{path: path, to: f, file: f, compressed: isCompressed(path)}, nil
}

// Resume continues a file, which it first cuts to size: the end of the last line that counts.
func Resume(path string, size int64) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, openFailed(err)
	}
	w := &Writer{path: path, to: f, file: f, compressed: isCompressed(path)}
	if err := w.CutTo(size); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

func isCompressed(path string) bool { return strings.HasSuffix(path, ".gz") }

func openFailed(err error) error {
	return fmt.Errorf("open output: %w; choose a file in a folder that can be written to", err)
}

// Path returns the path of the file, "" for an output that cannot be cut: standard output, a pipe,
// a device.
func (w *Writer) Path() string { return w.path }

// Size returns the size of the file in bytes, up to the last whole line.
func (w *Writer) Size() int64 { return w.size }

// CutTo removes what is behind the first size bytes of the file, and what was added and is not written.
func (w *Writer) CutTo(size int64) error {
	w.size, w.pending = size, nil
	return w.cut()
}

// cut removes what is behind the last whole line.
func (w *Writer) cut() error {
	info, err := w.file.Stat()
	if err == nil && info.Size() < w.size {
		return fmt.Errorf("resume %s: it is shorter than it was, %d bytes instead of %d; remove it and begin again", w.path, info.Size(), w.size)
	}
	if err == nil {
		err = w.file.Truncate(w.size)
	}
	if err == nil {
		_, err = w.file.Seek(w.size, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("cut output to whole lines: %w", err)
	}
	return nil
}

// Add adds lines, and writes them when there are enough.
func (w *Writer) Add(lines []byte) error {
	w.pending = append(w.pending, lines...)
	if len(w.pending) >= writeSize {
		return w.Flush()
	}
	return nil
}

// Flush writes the added lines. If compressed, they are a gzip member of their own, so that the
// file can be read, and continued, at the end of each member.
func (w *Writer) Flush() error {
	if len(w.pending) == 0 {
		return nil
	}
	data := w.pending
	if w.compressed {
		data = compress(data)
	}
	n, err := w.to.Write(data)
	if err == nil {
		w.size += int64(n)
		w.pending = w.pending[:0]
		return nil
	}
	err = fmt.Errorf("write records: %w; free space, or choose another output", err)
	if w.file != nil {
		err = errors.Join(err, w.cut())
	}
	return err
}

func compress(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	return b.Bytes()
}

// Sync makes sure that all that was written is on disk.
func (w *Writer) Sync() error {
	if w.file == nil {
		return nil
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("write records to disk: %w; free space, or choose another output", err)
	}
	return nil
}

// Close closes the file. What was not flushed is lost.
func (w *Writer) Close() {
	if w.file != nil {
		w.file.Close()
	}
}

// Remove deletes an empty file, which would be in the way of the next try.
func (w *Writer) Remove() {
	if w.file != nil {
		_ = os.Remove(w.path)
	}
}
