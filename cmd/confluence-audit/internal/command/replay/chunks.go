package replay

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fluent-bit-confluence/internal/chunk"
	"fluent-bit-confluence/internal/fluentbit"
)

// chunkFiles returns the named files, and those in the named folders that end in .flb, by the time
// of their last write, oldest first. Each is listed once. It also returns the folders without such
// files.
func chunkFiles(paths []string) (files, empty []string, troubles []error) {
	type candidate struct {
		path string
		info fs.FileInfo
	}
	var found []candidate
	seen := make(map[string]bool)
	add := func(path string) {
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("read %s: it is no regular file", path)
		}
		if err != nil {
			troubles = append(troubles, err)
			return
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			real, err = filepath.Abs(real)
			if err == nil && seen[real] {
				return
			}
			seen[real] = true
		}
		found = append(found, candidate{path, info})
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			add(path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			troubles = append(troubles, fmt.Errorf("read folder: %w", err))
		}
		before := len(found) + len(troubles)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".flb") && !e.IsDir() {
				add(filepath.Join(path, e.Name()))
			}
		}
		if err == nil && len(found)+len(troubles) == before {
			empty = append(empty, path)
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(a.path, b.path))
	})
	for _, c := range found {
		files = append(files, c.path)
	}
	return files, empty, troubles
}

// openChunk opens a file, if it is a regular one.
func openChunk(path string) (*os.File, error) {
	file, err := os.Open(path)
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("%s: %w", at.Op, at.Err) // the path is in the message already
	}
	return file, err
}

// origin tells where a chunk comes from.
type origin struct{ tag, output string } // output is "" if the file does not tell

// An output is one of the configuration, which may have refused chunks.
type output struct {
	name  string   // Fluent Bit's name of it
	unset []string // variables that it needs and that are not set here
}

// readOutputs returns the outputs of a configuration, and the tags of its confluence inputs.
func readOutputs(path string, c fluentbit.Configuration) (_ []output, tags []string, _ error) {
	for _, in := range c.Inputs("confluence") {
		tags = append(tags, in.Get("tag"))
	}
	if len(c.Files) > 1 {
		return nil, nil, fmt.Errorf("replay cannot use %s: it includes other files; name a file without includes", path)
	}
	var found []output
	for i, out := range c.Outputs {
		plugin, _, _ := strings.Cut(out.Get("name"), "://")
		one := output{name: cmp.Or(out.Get("alias"), fmt.Sprintf("%s.%d", plugin, i))}
		for _, p := range out.Properties {
			one.unset = append(one.unset, p.Unset...)
		}
		found = append(found, one)
	}
	if len(found) == 0 {
		return nil, nil, fmt.Errorf("%s has no output", path)
	}
	return found, tags, nil
}

// originOf returns the origin of a chunk, from its metadata or else from the name of its file. In
// the name some characters of the tag are replaced by "_", so the tag is looked up among those of
// the configuration.
func (r *replayer) originOf(path, tag string) origin {
	readings := chunk.Origins(filepath.Base(path))
	if len(readings) == 0 {
		return origin{tag: tag}
	}
	best, from := readings[0], origin{output: readings[0].Output}
	for _, reading := range readings {
		if i := slices.IndexFunc(r.outputs, func(one output) bool { return reading.HasOutput(one.name) }); i >= 0 {
			best, from.output = reading, r.outputs[i].name
			break
		}
	}
	from.tag = cmp.Or(tag, best.Tag)
	if i := slices.IndexFunc(r.tags, best.HasTag); i >= 0 && tag == "" {
		from.tag = r.tags[i]
	}
	return from
}

// rejectedFolder returns the folder for rejected chunks.
func rejectedFolder(config string, service fluentbit.Service) (string, error) {
	path := service.Get("storage.path")
	if path == "" || !service.On("storage.keep.rejected") {
		return "", fmt.Errorf("%s keeps nothing that was rejected: that takes storage.path, and storage.keep.rejected on; what is lost comes again with confluence-audit rewind", config)
	}
	folder := filepath.Join(path, cmp.Or(service.Get("storage.rejected.path"), "rejected"))
	_, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no folder %s: nothing was rejected, or Fluent Bit runs in another folder or with other variables; if so, name the folder", folder)
	case err != nil:
		return "", err
	}
	return folder, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
