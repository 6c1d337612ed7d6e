package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/template"
	"time"
)

// A page holds the results of a run.
type page struct {
	Machine string
	Records int
	Rounds  int
	Day     string
	Object  int64 // bytes of the shared object

	Comparison []row
	Start      []row
	Growth     []row
	State      []stateRow
	Backfill   backfill
	Live       live
	Sites      []idle
}

//go:embed page.md.tmpl
var pageText string

// describe fills in the machine and the versions.
func (p *page) describe(ctx context.Context, b *bench) error {
	version, err := exec.CommandContext(ctx, b.fluentBit, "--version").Output()
	if err != nil {
		return fmt.Errorf("ask fluent-bit for its version: %w", err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	object, err := os.Stat(b.plugin)
	if err != nil {
		return err
	}
	memory := totalMemory()
	if memory == 0 {
		return errors.New("read /proc/meminfo: no MemTotal")
	}
	p.Object, p.Day = object.Size(), time.Now().UTC().Format(time.DateOnly)
	p.Machine = fmt.Sprintf("%d cores, %d GB of memory, %s, %s", runtime.NumCPU(), (memory+1<<29)>>30, first, strings.Replace(runtime.Version(), "go", "Go ", 1))
	return nil
}

func totalMemory() (bytes int64) {
	text, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "MemTotal: %d kB", &bytes); err == nil {
			return bytes << 10
		}
	}
	return 0
}

// ObjectMB returns the size of the shared object in MB.
func (p *page) ObjectMB() float64 { return float64(p.Object) / 1e6 }

// tables returns the tables that were measured, in order.
func (p *page) tables() (tables []table) {
	for _, t := range []table{p.ComparisonTable(), p.RatioTable(), p.StartTable(), p.GrowthTable(), p.StateTable(), p.BackfillTable(), p.LiveTable(), p.SitesTable()} {
		if len(t.Rows) > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}

func (p *page) print(w io.Writer) {
	for _, t := range p.tables() {
		t.print(w)
	}
}

// write writes the page as Markdown.
func (p *page) write(path string) error {
	t, err := template.New(filepath.Base(path)).Parse(pageText)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// ComparisonTable returns the table of all candidates with the same work.
func (p *page) ComparisonTable() table {
	t := table{Title: fmt.Sprintf("%d records", p.Records), head: rowHead}
	for _, r := range p.Comparison {
		t.Rows = append(t.Rows, r.cells())
	}
	return t
}

// RatioTable returns the table of all candidates relative to the plugin with the same site, schema,
// output and flush.
func (p *page) RatioTable() table {
	t := table{Title: "Compared with this plugin", head: []string{"Who", "Site", "To", "Flush", "Throughput", "CPU per record", "Peak memory"}}
	for _, r := range p.Comparison {
		at := slices.IndexFunc(p.Comparison, func(o row) bool {
			return o.Who == plugin && o.Site == r.Site && o.Schema == r.Schema && o.To == r.To && o.Flush == r.Flush && o.Missing == ""
		})
		if r.Who == plugin || r.Missing != "" || at < 0 {
			continue
		}
		ours := p.Comparison[at]
		t.Rows = append(t.Rows, []string{r.Who, r.Site, r.To, r.Flush, times(ours.Rate() / r.Rate()), times(ours.PerRecord() / r.PerRecord()),
			times(float64(ours.Memory) / float64(r.Memory))})
	}
	return t
}

func times(x float64) string { return fmt.Sprintf("%.2f", x) }

// StartTable returns the table of the time to the first records.
func (p *page) StartTable() table {
	t := table{Title: "Start", head: []string{"Who", "Records out", "Wall time", "CPU", "Peak memory"}}
	for _, r := range p.Start {
		if r.Missing != "" {
			t.Rows = append(t.Rows, []string{r.Who, r.Missing, "", "", ""})
			continue
		}
		t.Rows = append(t.Rows, []string{r.Who, fmt.Sprint(r.Records), seconds(r.Wall), seconds(r.CPU), megabytes(r.Memory)})
	}
	return t
}

// GrowthTable returns the table of the plugin with growing numbers of records.
func (p *page) GrowthTable() table {
	t := table{Title: "More records", head: growthHead}
	for _, r := range p.Growth {
		t.Rows = append(t.Rows, r.growthCells())
	}
	return t
}

// StateTable returns the table of the state file.
func (p *page) StateTable() table {
	t := table{Title: "State file", head: stateHead}
	for _, s := range p.State {
		t.Rows = append(t.Rows, s.cells())
	}
	return t
}

// BackfillTable returns the table of the backfill of a year from a slow server.
func (p *page) BackfillTable() table {
	t := table{Title: "365 days from a server that answers in 300 ms",
		head: []string{"Records", "Requests", "Wall time", "Requests x 300 ms", "Least requests", "Requests at a time", "CPU per record", "Peak memory"}}
	f := p.Backfill
	switch {
	case f.Missing != "":
		t.Rows = [][]string{{f.Missing, "", "", "", "", "", "", ""}}
	case f.Requests > 0:
		t.Rows = [][]string{{fmt.Sprint(f.Records), fmt.Sprint(f.Requests), seconds(f.Wall), seconds(f.Bound()), fmt.Sprint((f.Records + pageSize - 1) / pageSize), fmt.Sprintf("%.1f", f.Bound().Seconds()/f.Wall.Seconds()),
			micro(f.PerRecord()), megabytes(f.Memory)}}
	}
	return t
}

// SitesTable returns the table of idle processes.
func (p *page) SitesTable() table {
	t := table{Title: "Idle inputs in one process",
		head: []string{"Inputs", "Who", "Records each", "All read once after", "Watched for", "CPU", "Wake-ups", "Memory", "Peak memory", "Stops within"}}
	for _, i := range p.Sites {
		if i.Missing != "" {
			t.Rows = append(t.Rows, []string{fmt.Sprint(i.Sites), i.Who, "", i.Missing, "", "", "", "", "", ""})
			continue
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(i.Sites), i.Who, fmt.Sprint(i.Each), seconds(i.Wall), i.Watched.String(), percent(i.Share) + " of a core",
			fmt.Sprintf("%.0f/s", i.WakeUps), megabytes(i.Resident), megabytes(i.Memory), seconds(i.Stop)})
	}
	return t
}
