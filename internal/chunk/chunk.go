// Package chunk reads and writes the files in which Fluent Bit keeps chunks of log events.
package chunk

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/tinylib/msgp/msgp"
)

// The head of a file, by fluent/chunkio (cio_file_st.h): 2 bytes for the kind of file, the CRC32 of
// all that follows from the length of the metadata on, 4 unused bytes, the length of the content, 8
// unused bytes, the length of the metadata. Numbers are big endian. Metadata and content follow.
const (
	headSize    = 24
	crcAt       = 2
	contentAt   = 10
	metadataAt  = 22
	maxMetadata = 1<<16 - 1
)

var fileKind = [2]byte{0xc1, 0x00}

// The head of the metadata, before the tag: 2 bytes that mark metadata with such a head, the type
// of the events, and flags (flb_input_chunk.h).
const (
	metaHead = 4
	typeLogs = 0
)

var (
	metaKind  = [2]byte{0xf1, 0x77}
	typeNames = map[byte]string{1: "metrics", 2: "traces", 3: "blobs", 4: "profiles"}
)

// maxEvent bounds the size of one event, and so the memory for it. The events of this input are
// much smaller.
const maxEvent = 32 << 20

// ErrForeign is the error of a file that is not a chunk.
var ErrForeign = errors.New("it is no chunk of Fluent Bit")

// OtherType is the error of a chunk that holds no logs. It names what the chunk holds.
type OtherType string

func (e OtherType) Error() string { return "it holds " + string(e) + ", not logs" }

// Damage is the error of a chunk that cannot be read to its end, or whose checksum is wrong. The
// events returned before are in the file as they were returned.
type Damage string

func (e Damage) Error() string { return string(e) }

// A Reader returns the events of one chunk, one after the other. It never holds more of the file
// than one event.
type Reader struct {
	tag     string
	content io.Reader // the unread part; reading it updates the checksum
	sum     *uint32
	want    uint32 // the CRC32 in the head, 0 where Fluent Bit has computed none
	size    int64  // of the content by the head, -1 when the head has none
	read    int64
	buf     []byte // read and not yet returned
	end     bool   // the end of the file was reached
	events  int
}

// NewReader reads the head of a chunk.
func NewReader(file io.Reader) (*Reader, error) {
	file = bufio.NewReaderSize(file, 64<<10)
	var head [headSize]byte
	if _, err := io.ReadFull(file, head[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, ErrForeign
		}
		return nil, err
	}
	if [2]byte(head[:2]) != fileKind {
		return nil, ErrForeign
	}
	r := &Reader{sum: new(uint32), want: binary.BigEndian.Uint32(head[crcAt:]), size: int64(binary.BigEndian.Uint32(head[contentAt:]))}
	if r.size == 0 {
		r.size = -1 // older files have no size: the content ends with the file
	}
	summed := io.TeeReader(file, summer{r.sum})
	_, _ = summer{r.sum}.Write(head[metadataAt:])
	metadata := make([]byte, binary.BigEndian.Uint16(head[metadataAt:]))
	if n, err := io.ReadFull(summed, metadata); err != nil {
		return nil, cut(int64(n), int64(len(metadata)), "metadata", err)
	}
	r.content = summed
	if r.size >= 0 {
		r.content = io.LimitReader(summed, r.size)
	}
	return r, r.readMetadata(metadata)
}

func (r *Reader) readMetadata(metadata []byte) error {
	if len(metadata) < metaHead || [2]byte(metadata[:2]) != metaKind {
		r.tag = string(metadata) // as Fluent Bit before 1.8 wrote it
		return nil
	}
	tag, _, _ := bytes.Cut(metadata[metaHead:], []byte{0}) // routes follow
	r.tag = string(tag)
	if kind := metadata[2]; kind != typeLogs {
		name := typeNames[kind]
		if name == "" {
			name = fmt.Sprintf("events of type %d", kind)
		}
		return OtherType(name)
	}
	return nil
}

// Tag returns the tag of the events, "" when the file has none: Fluent Bit writes no tag into
// rejected chunks.
func (r *Reader) Tag() string { return r.tag }

// Next returns the next event as it is in the file. The event is valid until the next call. At the
// end of the chunk the error is [io.EOF].
func (r *Reader) Next() (Event, error) {
	for {
		if event, n, err := r.whole(); n > 0 || err != nil {
			r.buf = r.buf[n:]
			return event, err
		}
		if r.end {
			return nil, r.finish()
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// whole returns the event at the beginning of the buffer and its size, 0 when the buffer does not
// hold all of it.
func (r *Reader) whole() (Event, int, error) {
	if len(r.buf) == 0 || r.size < 0 && r.buf[0] == 0 {
		return nil, 0, nil // a file without a length in its head is filled up with zeros
	}
	if r.events == 0 && msgp.NextType(r.buf) == msgp.MapType {
		return nil, 0, OtherType("metrics or traces")
	}
	rest, err := msgp.Skip(r.buf)
	switch {
	case errors.Is(err, msgp.ErrShortBytes) && len(r.buf) < maxEvent:
		return nil, 0, nil
	case errors.Is(err, msgp.ErrShortBytes):
		return nil, 0, r.damaged(fmt.Sprintf("has more than %d MiB", maxEvent>>20))
	case err != nil:
		return nil, 0, r.damaged("cannot be read")
	}
	event := Event(r.buf[:len(r.buf)-len(rest)])
	if !event.valid() {
		return nil, 0, r.damaged("is no log event")
	}
	r.events++
	return event, len(event), nil
}

func (r *Reader) damaged(what string) error {
	return Damage(fmt.Sprintf("what comes behind %d events, at byte %d of the content, %s", r.events, r.read-int64(len(r.buf)), what))
}

// fill reads more into the buffer, and doubles the buffer when an event does not fit.
func (r *Reader) fill() error {
	const least = 64 << 10
	if r.size < 0 && len(r.buf) > 0 && r.buf[0] == 0 {
		r.buf = r.buf[:0]
		n, err := io.Copy(io.Discard, r.content) // for the sum
		r.read, r.end = r.read+n, true
		return err
	}
	grown := make([]byte, max(least, 2*len(r.buf)))
	n := copy(grown, r.buf)
	more, err := io.ReadFull(r.content, grown[n:])
	r.buf, r.read = grown[:n+more], r.read+int64(more)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.end, err = true, nil
	}
	return err
}

// finish checks length and checksum, after all of the chunk was read.
func (r *Reader) finish() error {
	switch {
	case r.size >= 0 && r.read < r.size:
		return cut(r.read, r.size, "content", io.ErrUnexpectedEOF)
	case len(r.buf) > 0 && (r.size >= 0 || r.buf[0] != 0):
		return r.damaged("is cut short")
	case r.want != 0 && r.want != *r.sum:
		return Damage("its checksum is wrong: records may be changed, or missing")
	}
	return io.EOF
}

func cut(have, want int64, what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Damage(fmt.Sprintf("it is cut short: %d of %d bytes of its %s are there", have, want, what))
	}
	return err
}

// summer is a writer that updates a CRC32.
type summer struct{ sum *uint32 }

func (s summer) Write(p []byte) (int, error) {
	*s.sum = crc32.Update(*s.sum, crc32.IEEETable, p)
	return len(p), nil
}

// File returns a chunk file with the given tag and events. Fluent Bit delivers it when it finds it
// in its storage folder.
func File(tag string, events []byte) []byte {
	tag = tag[:min(len(tag), maxMetadata-metaHead)]
	file := make([]byte, headSize, headSize+metaHead+len(tag)+len(events))
	copy(file, fileKind[:])
	binary.BigEndian.PutUint32(file[contentAt:], uint32(len(events)))
	binary.BigEndian.PutUint16(file[metadataAt:], uint16(metaHead+len(tag)))
	file = append(file, metaKind[0], metaKind[1], typeLogs, 0)
	file = append(file, tag...)
	file = append(file, events...)
	binary.BigEndian.PutUint32(file[crcAt:], crc32.ChecksumIEEE(file[metadataAt:]))
	return file
}
