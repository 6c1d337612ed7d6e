package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// visited is the content of the buckets of a sound file, and one more entry.
func visited(t *testing.T, bucket string, key, value []byte, isBucket bool) *content {
	t.Helper()
	c := &content{}
	for _, name := range [][]byte{metaBucket, seenBucket, untimedBucket} {
		_ = c.visit("", name, nil, true)
	}
	_ = c.visit("/meta", versionKey, []byte("1"), false)
	if err := c.visit(bucket, key, value, isBucket); err != nil {
		t.Fatal(err)
	}
	return c
}

// Entries that no program has written are found.
func TestEntries(t *testing.T) {
	t.Parallel()
	timed, untimed := make([]byte, keySize), make([]byte, keySize-8)
	count := func(n ...uint64) (b []byte) {
		for _, n := range n {
			b = binary.AppendUvarint(b, n)
		}
		return b
	}
	for name, tt := range map[string]struct {
		bucket     string
		key, value []byte
		isBucket   bool
		sound      bool
	}{
		"one":                          {"/seen", timed, count(1), false, true},
		"the highest count":            {"/seen", timed, count(math.MaxUint32), false, true},
		"a higher one":                 {"/seen", timed, count(math.MaxUint32 + 1), false, false},
		"a count of none":              {"/seen", timed, count(0), false, false},
		"no count":                     {"/seen", timed, nil, false, false},
		"an endless count":             {"/seen", timed, bytes.Repeat([]byte{0x80}, 11), false, false},
		"two counts":                   {"/seen", timed, count(1, 1), false, false},
		"a short key":                  {"/seen", timed[1:], count(1), false, false},
		"untimed":                      {"/untimed", untimed, count(1, 1e12), false, true},
		"untimed, of no day":           {"/untimed", untimed, count(1), false, false},
		"untimed, and more":            {"/untimed", untimed, count(1, 1, 1), false, false},
		"untimed, none":                {"/untimed", untimed, count(0, 1), false, false},
		"untimed, with a timed key":    {"/untimed", timed, count(1, 1), false, false},
		"a bucket in a bucket":         {"/seen", timed, count(1), true, false},
		"a version":                    {"/meta", versionKey, []byte("1"), false, true},
		"the version before the first": {"/meta", versionKey, []byte("0"), false, false},
		"no number":                    {"/meta", versionKey, []byte("one"), false, false},
		"a site":                       {"/meta", siteKey, []byte(site), false, true},
		"another name":                 {"/meta", []byte("name"), nil, false, false},
		"of a later layout":            {"/later", nil, nil, false, true},
	} {
		if c := visited(t, tt.bucket, tt.key, tt.value, tt.isBucket); (c.invalid == nil) != tt.sound {
			t.Errorf("%s: %v", name, c.invalid)
		}
	}
	c := visited(t, "/seen", timed, nil, false)
	first := c.invalid
	_ = c.visit("/meta", nil, nil, false)
	if !errors.Is(c.invalid, first) || !strings.Contains(first.Error(), "bucket seen has an entry of 24 and 0 bytes") {
		t.Errorf("want the first invalid entry, got %v", c.invalid)
	}
}

// A file is new, or it has a version that is known or newer, and all buckets of that.
func TestJudge(t *testing.T) {
	t.Parallel()
	invalid := errors.New("invalid")
	all := []string{"untimed", "seen", "meta"}
	for name, tt := range map[string]struct {
		c    content
		want string
	}{
		"new":               {content{}, ""},
		"sound":             {content{entries: 1, version: 1, buckets: all}, ""},
		"no version":        {content{entries: 1, buckets: all}, "it has no version"},
		"an invalid entry":  {content{entries: 1, version: 1, buckets: all, invalid: invalid}, "invalid"},
		"of a newer layout": {content{entries: 1, version: 2, invalid: invalid}, ""},
		"no bucket":         {content{entries: 1, version: 1, buckets: all[:2]}, `it has no bucket "meta"`},
		"its checkpoint":    {content{entries: 1, version: 2, saved: []byte("{")}, "checkpoint: "},
	} {
		if err := tt.c.check(); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// A checkpoint with a checksum comes back as it was, from the same site and version only. Without
// one it must be plausible.
func TestSealed(t *testing.T) {
	t.Parallel()
	text := []byte(`{"head":"9999-03-01T00:00:00Z","of a later program":1}`)
	saved := seal(bytes.Clone(text), 1, site)
	if c, err := decode(bytes.Clone(saved), 1, site); err != nil || c.Head.Year() != 9999 {
		t.Errorf("%+v %v", c, err)
	}
	for what, err := range map[string]error{
		"version":  second(decode(bytes.Clone(saved), 2, site)),
		"site":     second(decode(bytes.Clone(saved), 1, site+"x")),
		"text":     second(decode(bytes.Replace(saved, []byte("9999"), []byte("9998"), 1), 1, site)),
		"checksum": second(decode(append(bytes.Clone(saved[:len(saved)-3]), 'g', '"', '}'), 1, site)),
	} {
		if err == nil || !strings.Contains(err.Error(), "its checksum does not fit") {
			t.Errorf("another %s: %v", what, err)
		}
	}
	if err := second(decode([]byte("{}"), 1, site)); err != nil {
		t.Errorf("an empty one of an older program: %v", err)
	}
	if err := second(decode(seal([]byte("{}"), 1, site)[1:], 1, site)); err == nil {
		t.Error("nothing but a checksum is accepted")
	}
}

func second(_ outbox.Checkpoint, err error) error { return err }

// Times from 1900 to 2200 are plausible, and ranges in order, which may meet.
func TestPlausible(t *testing.T) {
	t.Parallel()
	first, last := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	of := func(times ...time.Time) (ranges []timerange.Range) {
		for n := 0; n < len(times); n += 2 {
			ranges = append(ranges, timerange.Range{From: times[n], To: times[n+1]})
		}
		return ranges
	}
	for _, tt := range []struct {
		c     outbox.Checkpoint
		sound bool
	}{
		{outbox.Checkpoint{}, true},
		{outbox.Checkpoint{Origin: first, Head: last}, true},
		{outbox.Checkpoint{Origin: first.Add(-1)}, false},
		{outbox.Checkpoint{Watermark: last.Add(1)}, false},
		{outbox.Checkpoint{Pending: of(first, first, first, now, now, last)}, true},
		{outbox.Checkpoint{Pending: of(first.Add(-1), now)}, false},
		{outbox.Checkpoint{Pending: of(now, last.Add(1))}, false},
		{outbox.Checkpoint{Pending: of(now, now.Add(-1))}, false},
		{outbox.Checkpoint{Pending: of(first, now, now.Add(-1), last)}, false},
	} {
		if err := plausible(tt.c); (err == nil) != tt.sound {
			t.Errorf("%+v: %v", tt.c, err)
		}
	}
}
