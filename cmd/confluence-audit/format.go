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

// A liner renders a record as one line of the export.
type liner struct {
	event *event.Encoder
	ecs   *event.Encoder // for CSV, whose columns come from an ECS event; nil for JSON lines
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

// header returns the first line of the export, empty if there is none.
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

// harmless keeps a spreadsheet from reading a cell as a formula: users of the site can write any
// text into it.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
