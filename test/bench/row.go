package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A row is one measurement.
type row struct {
	Who    string
	Site   string // cloud or datacenter
	Schema string
	To     string // the output

	Records int           // records that came out, checked
	Wall    time.Duration // from the start of the process to the last record
	// CPU is user and system time of the process and its children, from start to end.
	CPU    time.Duration
	Memory int64         // peak in bytes
	Server time.Duration // CPU of the simulated site

	Missing string // why there are no results
	dir     string
	Flush   string // Fluent Bit's key; "" for what has none
	silent  bool   // Fluent Bit's HTTP server is off
	direct  bool   // with `threaded off`

	// of several rounds
	wall, cpu spread[time.Duration]
	memory    spread[int64]
}

// PerRecord returns the CPU per record in µs.
func (r row) PerRecord() float64 { return float64(r.CPU.Microseconds()) / float64(r.Records) }

// Rate returns records per second.
func (r row) Rate() float64 { return float64(r.Records) / r.Wall.Seconds() }

// of returns a row for another candidate.
func (r row) of(who string) row {
	r.Who = who
	return r
}

// A spread is the median of a figure over the rounds, and its least and largest value.
type spread[T cmp.Ordered] struct{ median, least, most T }

func spreadOf[T cmp.Ordered](rows []row, figure func(row) T) spread[T] {
	var all []T
	for _, r := range rows {
		all = append(all, figure(r))
	}
	slices.Sort(all)
	return spread[T]{all[len(all)/2], all[0], all[len(all)-1]}
}

// write writes a spread of several rounds as "median (least to most)".
func (s spread[T]) write(figure func(T) string) string {
	if s.least == s.most {
		return figure(s.median)
	}
	least, _, _ := strings.Cut(figure(s.least), " ")
	return fmt.Sprintf("%s (%s to %s)", figure(s.median), least, figure(s.most))
}

// medians returns for each candidate a row with the median of each figure, so that other work of
// the machine during one round, and the cold start of the first, do not count.
func medians(rounds [][]row) (rows []row) {
	for i, r := range rounds[0] {
		var same []row
		for _, round := range rounds {
			if round[i].Missing != "" {
				r.Missing = round[i].Missing
			}
			same = append(same, round[i])
		}
		r.wall = spreadOf(same, func(r row) time.Duration { return r.Wall })
		r.cpu = spreadOf(same, func(r row) time.Duration { return r.CPU })
		r.memory = spreadOf(same, func(r row) int64 { return r.Memory })
		r.Wall, r.CPU, r.Memory = r.wall.median, r.cpu.median, r.memory.median
		r.Server = spreadOf(same, func(r row) time.Duration { return r.Server }).median
		rows = append(rows, r)
	}
	return rows
}

var rowHead = []string{"Who", "Site", "Schema", "To", "Flush", "Wall time", "Records/s", "CPU per record", "Peak memory", "CPU of the server"}

// cells returns the cells of a row of the comparison.
func (r row) cells() []string {
	cells := []string{r.Who, r.Site, r.Schema, r.To, cmp.Or(r.Flush, "none")}
	if r.Missing != "" {
		return append(cells, r.Missing, "", "", "", "")
	}
	perRecord := func(cpu time.Duration) string { r.CPU = cpu; return micro(r.PerRecord()) }
	return append(cells, r.wall.write(seconds), thousands(r.Rate()), r.cpu.write(perRecord), r.memory.write(megabytes), seconds(r.Server))
}

var growthHead = []string{"Records out", "Wall time", "Records/s", "CPU per record", "Peak memory", "CPU of the server"}

// growthCells returns the cells of a row that shows one size.
func (r row) growthCells() []string {
	if r.Missing != "" {
		return []string{r.Missing, "", "", "", "", ""}
	}
	return []string{fmt.Sprint(r.Records), seconds(r.Wall), thousands(r.Rate()), micro(r.PerRecord()), megabytes(r.Memory), seconds(r.Server)}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
func micro(us float64) string        { return fmt.Sprintf("%.1f µs", us) }
func megabytes(bytes int64) string   { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }
func percent(share float64) string   { return fmt.Sprintf("%.1f %%", 100*share) }
func thousands(n float64) string     { return fmt.Sprintf("%.1fk", n/1000) }
