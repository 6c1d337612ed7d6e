package collect

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// pageFull is a source with a record in each millisecond.
type pageFull struct {
	site
	raw []byte
}

var summary = strings.Repeat("x", 640)

func (p *pageFull) Read(_ context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	for at := to; at.After(from); at = at.Add(-time.Millisecond) {
		p.raw = append(strconv.AppendInt(append(p.raw[:0], `{"creationDate":`...), at.UnixMilli(), 10), `,"summary":"`...)
		p.raw = append(append(p.raw, summary...), `"}`...)
		if err := yield(atlassian.Record{Time: at, Raw: p.raw}); err != nil {
			return err
		}
	}
	return nil
}

// forgetful is a store that keeps nothing and costs nothing.
type forgetful struct{ counts []uint32 }

func (*forgetful) Load(context.Context) (outbox.Checkpoint, outbox.Version, error) {
	return outbox.Checkpoint{Origin: epoch, Head: epoch}, "", nil
}
func (*forgetful) Replace(context.Context, outbox.Version, outbox.Commit) (outbox.Version, error) {
	return "", nil
}
func (f *forgetful) Count(_ context.Context, keys []outbox.Key) ([]uint32, error) {
	if len(f.counts) < len(keys) {
		f.counts = make([]uint32, len(keys))
	}
	return f.counts[:len(keys)], nil
}

func (*forgetful) Delivered(context.Context, []int64) ([]outbox.Seen, error) { return nil, nil }
func (*forgetful) Close() error                                              { return nil }

// BenchmarkWindow measures a window of a catch-up, from the answer of the source to the commit,
// without the cost of parsing, encoding and the store.
func BenchmarkWindow(b *testing.B) {
	const records = 850
	c, err := New(context.Background(), &pageFull{}, &forgetful{}, Options{
		BatchBytes: 128 << 10, Overlap: time.Minute, RescanWindow: time.Hour, RescanInterval: time.Hour, Log: logrus.New(), Ready: func() {},
		Encode: func(dst []byte, _ time.Time, d *document.Document, _ event.Meta) []byte {
			return append(dst, d.Raw()...)
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, delivered := context.Background(), 0
	b.ReportAllocs()
	for b.Loop() {
		r := timerange.Range{From: c.position.Head, To: c.position.Head.Add(records * time.Millisecond)}
		w, err := c.readWindow(ctx, r)
		if err != nil {
			b.Fatal(err)
		}
		next := c.position
		next.Head = r.To
		if err := c.deliver(ctx, w, next, time.Time{}); err != nil {
			b.Fatal(err)
		}
		for batch := c.Next(); batch != nil; batch = c.Next() {
			delivered += batch.Records
			c.Acknowledge(batch)
		}
		if err := c.commitAcknowledged(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	if delivered != b.N*records {
		b.Fatalf("%d records, want %d", delivered, b.N*records)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(delivered), "ns/record")
}
