package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"fluent-bit-confluence/internal/terminal"
)

// The size of a character, and the space around the text, in pixels.
const (
	cellWidth, cellHeight = 8, 18
	margin                = 16
)

// colours are the colours of the terminal, by SGR parameter.
var colours = map[string]string{
	"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff", "90": "#8b949e",
	"1": "#ffffff", "0": "#c9d1d9",
}

var sgr = regexp.MustCompile("\x1b\\[([0-9]*)m")

// draw returns the picture of a text. Each piece of one colour has its own place and width, so that
// columns are aligned as on a terminal with any font.
func draw(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var b strings.Builder
	width, height := columns*cellWidth+2*margin, len(lines)*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">`+"\n",
		width, height, width, height)
	b.WriteString("<title>A session with confluence-audit: check, preview, and a check that fails</title>\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#0d1117"/>`+"\n", width, height)
	for i, line := range lines {
		drawLine(&b, line, margin+i*cellHeight+cellHeight*3/4)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func drawLine(b *strings.Builder, line string, y int) {
	colour, column := colours["0"], 0
	piece := func(text string) {
		for _, word := range pieces.FindAllString(text, -1) {
			wide := terminal.Columns(word)
			if strings.TrimSpace(word) != "" {
				fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s" textLength="%d" lengthAdjust="spacingAndGlyphs" xml:space="preserve">%s</text>`+"\n",
					margin+column*cellWidth, y, colour, wide*cellWidth, html.EscapeString(word))
			}
			column += wide
		}
	}
	for line != "" {
		at := sgr.FindStringSubmatchIndex(line)
		if at == nil {
			piece(line)
			return
		}
		piece(line[:at[0]])
		if c := colours[line[at[2]:at[3]]]; c != "" {
			colour = c
		}
		line = line[at[1]:]
	}
}

// pieces matches texts and the gaps between columns.
var pieces = regexp.MustCompile(` {2,}|(?:\S| \S)+ ?| `)
