package main

import (
	"fmt"
	"math"
	"strings"

	"fluent-bit-confluence/internal/simulate"
)

// CPUChart returns a chart with a bar for each candidate that writes Cloud records unchanged to a
// file, with Fluent Bit's default flush.
func (p *page) CPUChart() string {
	var bars bars
	for _, r := range p.Comparison {
		if r.Missing == "" && r.Site == simulate.Cloud && r.To == "file" && r.Flush == usualFlush {
			bars.add(strings.ReplaceAll(r.Who, "`", ""), r.PerRecord())
		}
	}
	return bars.chart("CPU per record, Cloud, raw, to a file, flush 1", "µs")
}

// GrowthChart returns a chart with a bar for each number of records.
func (p *page) GrowthChart() string {
	var bars bars
	for _, r := range p.Growth {
		if r.Missing == "" {
			bars.add(fmt.Sprintf("%d records", r.Records), r.PerRecord())
		}
	}
	return bars.chart("CPU per record as records grow", "µs")
}

type bars struct {
	names, values []string
	most          float64
}

func (b *bars) add(name string, value float64) {
	b.names = append(b.names, fmt.Sprintf("%q", name))
	b.values = append(b.values, fmt.Sprintf("%.1f", value))
	b.most = max(b.most, value)
}

// chart returns a chart in Mermaid, empty when there are no bars.
func (b *bars) chart(title, unit string) string {
	if len(b.names) == 0 {
		return ""
	}
	return fmt.Sprintf("```mermaid\nxychart-beta horizontal\n    title %q\n    x-axis [%s]\n    y-axis %q 0 --> %.0f\n    bar [%s]\n```\n",
		title, strings.Join(b.names, ", "), unit, math.Ceil(b.most), strings.Join(b.values, ", "))
}
