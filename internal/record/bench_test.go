package record

import (
	"testing"
	"time"
)

func BenchmarkFingerprint(b *testing.B) {
	for name, raw := range samples(b) {
		b.Run(name, func(b *testing.B) {
			var h Hasher
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				h.Fingerprint(raw)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	benchmark(b, (*Encoder).Append)
}

func BenchmarkAppendJSON(b *testing.B) {
	benchmark(b, (*Encoder).AppendJSON)
}

func benchmark(b *testing.B, appendEvent func(*Encoder, []byte, time.Time, []byte, Meta) []byte) {
	for name, raw := range samples(b) {
		b.Run(name, func(b *testing.B) {
			e := newEncoder(b, site)
			dst := make([]byte, 0, 4096)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				dst = appendEvent(e, dst[:0], own, raw, Meta{Read: read})
			}
		})
	}
}

func BenchmarkSchemas(b *testing.B) {
	for _, schema := range Schemas() {
		for name, raw := range samples(b) {
			b.Run(schema+"/"+name, func(b *testing.B) {
				e := encoderOf(b, schema, false, site)
				dst := make([]byte, 0, 8192)
				b.SetBytes(int64(len(raw)))
				b.ReportAllocs()
				for b.Loop() {
					dst = e.Append(dst[:0], own, raw, Meta{Read: read})
				}
			})
		}
	}
}
