package main

import (
	"context"

	"fluent-bit-confluence/internal/simulate"
)

// grow measures the plugin with growing numbers of records of one site, with Fluent Bit's default
// settings: what the host holds until it flushes must not grow with them.
func (b *bench) grow(ctx context.Context) (rows []row) {
	for _, n := range b.growth {
		rows = append(rows, b.measure(ctx, row{Who: plugin, Site: simulate.Cloud, Schema: "raw", To: "file", Flush: usualFlush, Records: n}, b.runPlugin))
	}
	return rows
}
