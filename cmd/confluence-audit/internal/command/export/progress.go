package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
)

// progress is how far an export into a file has come. It is kept beside the file until the export
// is complete, so that an export can go on after a crash.
type progress struct {
	Site    string    `json:"site"` // and product, see site.Site.Log
	Schema  string    `json:"schema"`
	Format  string    `json:"format"`
	Before  time.Time `json:"before"`  // all records before this are in the file
	Size    int64     `json:"size"`    // of the file with these records
	Records int       `json:"records"` // how many
}

func progressPath(output string) string { return output + ".progress" }

// save replaces the previous progress, as a whole or not at all.
func (p progress) save(output string) error {
	path := progressPath(output)
	data, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(path+".new", append(data, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("keep how far the export is: %w; free space, or choose another output", err)
	}
	return nil
}

// loadProgress returns how far the export into a file had come.
func loadProgress(output string) (p progress, err error) {
	path := progressPath(output)
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, cli.UsageError("--resume: there is no %s, so %s is complete, or no export of this tool began it", path, output)
	case err != nil:
		return p, fmt.Errorf("resume: %w", err)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("resume: read %s: %w; remove it and the output, and begin again", path, err)
	}
	return p, nil
}

// fits returns an error if the other export has records of another kind.
func (p progress) fits(other progress) error {
	for _, part := range []struct{ name, was, is string }{
		{"site", p.Site, other.Site}, {"schema", p.Schema, other.Schema}, {"format", p.Format, other.Format},
	} {
		if part.was != part.is {
			return cli.UsageError("--resume: the file holds records of the %s %s, not %s: go on with the same, or choose another --output", part.name, part.was, part.is)
		}
	}
	return nil
}
