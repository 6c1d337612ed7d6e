package main

import (
	"cmp"
	"fmt"
	"slices"
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
	Flush   string // Fluent Bit's key; "" for that of the project's configurations
	silent  bool   // Fluent Bit's HTTP server is off
	direct  bool   // with `threaded off`
}

// PerRecord returns the CPU per record in µs.
func (r row) PerRecord() float64 { return float64(r.CPU.Microseconds()) / float64(r.Records) }

// Rate returns records per second.
func (r row) Rate() float64 { return float64(r.Records) / r.Wall.Seconds() }

// middle returns for each row the round with the median CPU. So other work of the machine during
// one round, and the cold start of the first, do not count.
func middle(rounds [][]row) (rows []row) {
	for i := range rounds[0] {
		var same []row
		for _, round := range rounds {
			same = append(same, round[i])
		}
		slices.SortFunc(same, func(a, b row) int { return cmp.Compare(a.CPU, b.CPU) })
		rows = append(rows, same[len(same)/2])
	}
	return rows
}

var rowHead = []string{"Who", "Site", "Schema", "To", "Records out", "Wall time", "Records/s", "CPU per record", "Peak memory", "CPU of the server"}

func (r row) cells() []string {
	cells := []string{r.Who, r.Site, r.Schema, r.To}
	if r.Missing != "" {
		return append(cells, r.Missing, "", "", "", "", "")
	}
	return append(cells, fmt.Sprint(r.Records), seconds(r.Wall), thousands(r.Rate()), micro(r.PerRecord()), megabytes(r.Memory), seconds(r.Server))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
func micro(us float64) string        { return fmt.Sprintf("%.1f µs", us) }
func megabytes(bytes int64) string   { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }
func percent(share float64) string   { return fmt.Sprintf("%.1f %%", 100*share) }
func thousands(n float64) string     { return fmt.Sprintf("%.1fk", n/1000) }
