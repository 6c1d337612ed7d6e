package main

import (
	"bytes"
	"encoding/csv"
	"strings"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
)

// Formats of an export.
const (
	formatJSON = "json"
	formatCSV  = "csv"
)

var csvHeader = []string{"time", "action", "code", "user", "user_id", "user_email", "objects", "source", "event_id", "event"}

// A writer of lines renders a record as one line of the export.
type liner struct {
	event *event.Encoder
	ecs   *event.Encoder // of CSV, which takes its columns from there; nil for JSON lines
	buf   []byte
	cells bytes.Buffer
}

func newLiner(s *source, format string) (*liner, error) {
	event, err := s.encoder(s.settings.Schema)
	if err != nil || format == formatJSON {
		return &liner{event: event}, err
	}
	ecs, err := s.encoder("ecs")
	return &liner{event: event, ecs: ecs}, err
}

// header is the line above all others, empty if there is none.
func (l *liner) header() []byte {
	if l.ecs == nil {
		return nil
	}
	return l.row(csvHeader)
}

// line returns the line of a record. It is valid until the next call.
func (l *liner) line(t time.Time, doc *document.Document, meta event.Meta) []byte {
	l.buf = l.event.AppendJSON(l.buf[:0], t, doc, meta)
	if l.ecs == nil {
		l.buf = append(l.buf, '\n')
		return l.buf
	}
	g := glanceAt(l.ecs.AppendJSON(nil, t, doc, meta))
	row := []string{g.at.UTC().Format("2006-01-02T15:04:05.000Z"), g.action, g.code, g.who, g.userID, g.email, g.what, g.from, g.id}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return l.row(append(row, string(l.buf)))
}

func (l *liner) row(cells []string) []byte {
	l.cells.Reset()
	w := csv.NewWriter(&l.cells)
	_ = w.Write(cells) // into memory
	w.Flush()
	return l.cells.Bytes()
}

// harmless keeps a spreadsheet from taking a cell for a formula: others wrote what is in it.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
