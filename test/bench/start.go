package main

import (
	"context"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// startUp measures the time from the start of the process to the first records, compared with a
// Fluent Bit input that has a record at once.
func (b *bench) startUp(ctx context.Context) []row {
	few := row{Who: plugin, Site: simulate.Cloud, Schema: "raw", To: "null", Records: recordsPerSite}
	return []row{
		b.measure(ctx, few, b.runPlugin),
		b.measure(ctx, row{Who: dummy, To: "null", Records: 1}, func(ctx context.Context, r *row) error {
			h, err := b.start(r, "", rig.Keys{"name": "dummy", "samples": "1"})
			if err != nil {
				return err
			}
			return h.finish(ctx, r)
		}),
	}
}
