package schema

import (
	"testing"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/simulate"
)

// The benchmarks go through the records of a simulated site, one in each iteration.

func eachDeployment(b *testing.B, prefix string, run func(b *testing.B, raws [][]byte)) {
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		var raws [][]byte
		bytes := 0
		for _, r := range simulated(b, deployment, 300) {
			raws = append(raws, r.JSON)
			bytes += len(r.JSON)
		}
		b.Run(prefix+deployment, func(b *testing.B) {
			b.SetBytes(int64(bytes / len(raws)))
			b.ReportAllocs()
			run(b, raws)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	eachDeployment(b, "", func(b *testing.B, raws [][]byte) {
		var doc document.Document
		for i := 0; b.Loop(); i++ {
			doc.Parse(raws[i%len(raws)])
		}
	})
}

// BenchmarkRepeat measures the cost of a record that was delivered before, without the look-up.
func BenchmarkRepeat(b *testing.B) {
	eachDeployment(b, "", func(b *testing.B, raws [][]byte) {
		var doc document.Document
		var h document.Hasher
		for i := 0; b.Loop(); i++ {
			doc.Parse(raws[i%len(raws)])
			h.Fingerprint(&doc)
		}
	})
}

// BenchmarkEvent measures the cost of a new record, without the look-up.
func BenchmarkEvent(b *testing.B) {
	for _, schema := range Names() {
		eachDeployment(b, schema+"/", func(b *testing.B, raws [][]byte) {
			var doc document.Document
			var h document.Hasher
			e := encoderOf(b, schema, false, site)
			dst := make([]byte, 0, 8192)
			for i := 0; b.Loop(); i++ {
				doc.Parse(raws[i%len(raws)])
				dst = e.Append(dst[:0], own, &doc, event.Meta{Fingerprint: h.Fingerprint(&doc), Read: read})
			}
		})
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	eachDeployment(b, "", func(b *testing.B, raws [][]byte) {
		var doc document.Document
		e := newEncoder(b, site)
		dst := make([]byte, 0, 8192)
		for i := 0; b.Loop(); i++ {
			doc.Parse(raws[i%len(raws)])
			dst = e.AppendJSON(dst[:0], own, &doc, event.Meta{Read: read})
		}
	})
}
