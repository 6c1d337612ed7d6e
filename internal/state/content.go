package state

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// content is what must be known of a file before it is used.
type content struct {
	version    int // 0: the file is new
	site       string
	checkpoint outbox.Checkpoint
	saved      []byte // the checkpoint as it was written

	entries int
	buckets []string
	invalid error // the first entry that no program has written in layout version 1
}

// visit checks one entry and keeps what is needed of it.
func (c *content) visit(bucket string, key, value []byte, isBucket bool) error {
	c.entries++
	if bucket == "" {
		if isBucket {
			c.buckets = append(c.buckets, string(key))
		}
		return nil
	}
	sound := false
	switch name := bucket[1:]; {
	case isBucket:
	case name == string(metaBucket):
		sound = c.visitMeta(key, value)
	case name == string(seenBucket):
		_, rest, ok := cutCount(value)
		sound = ok && len(key) == keySize && len(rest) == 0
	case name == string(untimedBucket):
		_, rest, ok := cutCount(value)
		_, n := binary.Uvarint(rest)
		sound = ok && len(key) == keySize-8 && n == len(rest) && n > 0
	default:
		sound = true // of a later layout
	}
	if !sound && c.invalid == nil {
		c.invalid = fmt.Errorf("bucket %s has an entry of %d and %d bytes that nobody has written", bucket[1:], len(key), len(value))
	}
	return nil
}

func (c *content) visitMeta(key, value []byte) bool {
	switch string(key) {
	case string(versionKey):
		v, err := strconv.Atoi(string(value))
		c.version = v
		return err == nil && v >= firstVersion
	case string(siteKey):
		c.site = string(value)
	case string(checkpointKey):
		c.saved = bytes.Clone(value)
	default:
		return false
	}
	return true
}

// cutCount reads a count from the start of a value.
func cutCount(value []byte) (count uint32, rest []byte, ok bool) {
	n, size := binary.Uvarint(value)
	if size <= 0 || n == 0 || n > math.MaxUint32 {
		return 0, nil, false
	}
	return uint32(n), value[size:], true
}

// check returns what is wrong with the content of a file whose pages are sound. It does not check a
// newer layout, which this program does not know.
func (c *content) check() error {
	if c.entries == 0 {
		return nil // created, but never written to
	}
	var err error
	if c.saved != nil {
		c.checkpoint, err = decode(c.saved, c.version, c.site)
	}
	switch {
	case err != nil:
		return fmt.Errorf("checkpoint: %w", err)
	case c.version == 0:
		return errors.New("it has no version")
	case c.version > firstVersion:
		return nil
	case c.invalid != nil:
		return c.invalid
	}
	for _, name := range [][]byte{metaBucket, seenBucket, untimedBucket} {
		if !slices.Contains(c.buckets, string(name)) {
			return fmt.Errorf("it has no bucket %q", name)
		}
	}
	return nil
}

// A checkpoint that is wrong by one bit may pass over years of records. So it ends with a checksum,
// which covers the version and the site too. Older programs write none and ignore it, so a
// checkpoint without a checksum is accepted.
const sumFormat = `,"sum":"%016x"}`

var sumSize = len(fmt.Sprintf(sumFormat, 0))

// encode returns a checkpoint as it is written.
func encode(c outbox.Checkpoint, version int, site string) ([]byte, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return seal(text, version, site), nil
}

// seal adds the checksum to the text of a checkpoint.
func seal(text []byte, version int, site string) []byte {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%d %s %s", version, site, text)
	return fmt.Appendf(text[:len(text)-1:len(text)-1], sumFormat, sum.Sum64())
}

// unseal checks and removes the checksum. A text without one was written by an older program.
func unseal(saved []byte, version int, site string) (text []byte, sealed bool, err error) {
	cut := len(saved) - sumSize
	if cut < 0 || !bytes.HasPrefix(saved[cut:], []byte(sumFormat[:8])) {
		return saved, false, nil
	}
	text = append(saved[:cut:cut], '}')
	if !bytes.Equal(seal(text, version, site), saved) {
		return nil, false, errors.New("its checksum does not fit")
	}
	return text, true, nil
}

func decode(saved []byte, version int, site string) (c outbox.Checkpoint, err error) {
	text, sealed, err := unseal(saved, version, site)
	if err != nil {
		return c, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if !sealed {
		d.DisallowUnknownFields() // such as a checksum whose name is damaged
	}
	if err := d.Decode(&c); err != nil {
		return outbox.Checkpoint{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return outbox.Checkpoint{}, errors.New("something follows it")
	}
	if sealed {
		return c, nil
	}
	return c, plausible(c)
}

// plausible refuses a checkpoint that no collector reaches: it would pass over records, or read
// without end.
func plausible(c outbox.Checkpoint) error {
	first, last := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, t := range []time.Time{c.Origin, c.Head, c.Forgotten, c.Polled, c.Rescanned, c.Watermark} {
		if !t.IsZero() && (t.Before(first) || t.After(last)) {
			return fmt.Errorf("it speaks of %s", t.Format(time.RFC3339))
		}
	}
	end := first
	for _, r := range c.Pending {
		if r.From.Before(end) || r.To.Before(r.From) || r.To.After(last) {
			return fmt.Errorf("it waits for records from %s to %s", r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
		}
		end = r.To
	}
	return nil
}
