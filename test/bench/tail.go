package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// runTail measures Fluent Bit's tail of a file with the same records, and a JSON parser: the cost
// without the fetching.
func (b *bench) runTail(ctx context.Context, r *row) error {
	path := filepath.Join(r.dir, "records.jsonl")
	if err := writeRecords(path, site(r.Site, r.Records).Options); err != nil {
		return err
	}
	h, err := b.start(r, parser, rig.Keys{"name": "tail", "path": path, "read_from_head": "true", "parser": "json"})
	if err != nil {
		return err
	}
	return h.finish(ctx, r)
}

// writeRecords writes the records of a site as lines of JSON.
func writeRecords(path string, o simulate.Options) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriter(file)
	for record := range simulate.New(o).Records() {
		if _, err := w.Write(append(record.JSON, '\n')); err != nil {
			return err
		}
	}
	return w.Flush()
}
