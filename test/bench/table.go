package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A table is printed as text and as Markdown.
type table struct {
	Title string
	head  []string
	Rows  [][]string
}

func (t table) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n\n", t.Title)
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range append([][]string{t.head}, t.Rows...) {
		fmt.Fprintln(tabs, strings.Join(cells, "\t"))
	}
	_ = tabs.Flush()
}

// String returns the table in Markdown, with numbers aligned to the right.
func (t table) String() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.head)
	rule := make([]string, len(t.head))
	for i := range rule {
		if rule[i] = "---:"; len(t.Rows) > 0 && !strings.ContainsAny(t.Rows[0][i][:min(1, len(t.Rows[0][i]))], "0123456789") {
			rule[i] = ":---"
		}
	}
	line(rule)
	for _, cells := range t.Rows {
		line(cells)
	}
	return b.String()
}
