package export

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/cmd/confluence-audit/internal/glance"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
)

// Formats of an export.
const (
	formatJSON = "json"
	formatCSV  = "csv"
)

// A formatter renders a record as one line of the export.
type formatter struct {
	event *event.Encoder
	ecs   *event.Encoder // for CSV, whose columns come from an ECS event; nil for JSON lines
	buf   []byte
	cells bytes.Buffer
}

func newFormatter(log *auditlog.Log, format string) (*formatter, error) {
	event, err := log.Encoder(log.Settings.Schema)
	if err != nil || format == formatJSON {
		return &formatter{event: event}, err
	}
	ecs, err := log.Encoder("ecs")
	return &formatter{event: event, ecs: ecs}, err
}

// header returns the first line of the export, empty if there is none.
func (f *formatter) header() []byte {
	if f.ecs == nil {
		return nil
	}
	return f.row(append(slices.Clone(glance.Columns), "event"))
}

// line returns the line of a record. It is valid until the next call.
func (f *formatter) line(t time.Time, doc *document.Document, meta event.Meta) []byte {
	f.buf = f.event.AppendJSON(f.buf[:0], t, doc, meta)
	if f.ecs == nil {
		f.buf = append(f.buf, '\n')
		return f.buf
	}
	row := glance.Of(f.ecs.AppendJSON(nil, t, doc, meta)).Cells()
	for i := range row {
		row[i] = harmless(row[i])
	}
	return f.row(append(row, string(f.buf)))
}

func (f *formatter) row(cells []string) []byte {
	f.cells.Reset()
	w := csv.NewWriter(&f.cells)
	_ = w.Write(cells) // into memory
	w.Flush()
	return f.cells.Bytes()
}

// harmless keeps a spreadsheet from reading a cell as a formula: users of the site can write any
// text into it.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
