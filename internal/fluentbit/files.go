package fluentbit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFiles and maxSize bound what includes can pull in. The number is Fluent Bit's, the size is of
// all files together.
const (
	maxFiles = 1000
	maxSize  = 32 << 20
)

// reader collects what is spread over a file and its includes.
type reader struct {
	root     string // folder of the first file
	files    []string
	size     int64
	services int               // service sections of YAML, of which there may be one
	env      map[string]string // variables that the files set
	sections []section         // values as written
	loads    []string          // shared objects, as written
	routed   bool              // an input says where its records go
}

func newReader(path string) *reader {
	r := &reader{root: filepath.Dir(path), env: make(map[string]string)}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		r.root = filepath.Dir(real)
	}
	return r
}

// file reads one file. What an include names has the format of the file that includes it, whatever
// its name ends with.
func (r *reader) file(path string, read func(path string, data []byte) error) error {
	if len(r.files) == maxFiles {
		return fmt.Errorf("read %s: more than %d files are included", path, maxFiles)
	}
	r.files = append(r.files, path)
	data, err := readFile(path, maxSize-r.size)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	r.size += int64(len(data))
	return read(path, data)
}

func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: the configuration is larger than %d bytes", path, maxSize)
	}
	return data, err
}

// includeClassic obeys @INCLUDE. A path is taken from the current folder, or else from that of the
// first file; a pattern only from the latter. No file may be read twice, whatever it is called.
func (r *reader) includeClassic(path string) error {
	if strings.Contains(path, "*") {
		if !filepath.IsAbs(path) {
			path = r.root + "/" + path
		}
		return includeEach(path, r.includeFile)
	}
	return r.includeFile(path)
}

func (r *reader) includeFile(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(path) {
		path = r.root + "/" + path
		info, err = os.Stat(path)
	}
	if err != nil {
		return fmt.Errorf("include: %w", err)
	}
	for _, earlier := range r.files {
		if seen, err := os.Stat(earlier); err == nil && os.SameFile(seen, info) {
			return fmt.Errorf("include %s: it is included twice, Fluent Bit refuses that", path)
		}
	}
	return r.file(path, r.classic)
}

// includeYAML reads what the includes of a file in a folder name.
func (r *reader) includeYAML(folder, path string) error {
	if !strings.Contains(path, "*") {
		return r.includeYAMLFile(folder, path)
	}
	pattern := path
	if !filepath.IsAbs(path) {
		pattern = folder + "/" + path
	}
	err := includeEach(pattern, func(match string) error {
		// Fluent Bit puts the folder before what it found there once more.
		err := r.includeYAMLFile(folder, match)
		if err != nil && !filepath.IsAbs(match) && folder != "." {
			err = fmt.Errorf("%w: with a pattern in includes, start Fluent Bit with an absolute path", err)
		}
		return err
	})
	if errors.Is(err, errNoMatch) && !filepath.IsAbs(path) {
		return nil // Fluent Bit only warns
	}
	return err
}

func (r *reader) includeYAMLFile(folder, path string) error {
	if !filepath.IsAbs(path) {
		path = folder + "/" + path
	}
	if slices.Contains(r.files, path) {
		return fmt.Errorf("include %s: it is included twice, Fluent Bit refuses that", path)
	}
	return r.file(path, r.yaml)
}

var errNoMatch = errors.New("no file is called so, Fluent Bit refuses that")

// includeEach includes what a pattern finds, as glob(3) does, but in order: Fluent Bit takes the
// files as the folder has them.
func includeEach(pattern string, include func(path string) error) error {
	matches, err := filepath.Glob(strings.ReplaceAll(pattern, "[!", "[^"))
	if err != nil {
		return fmt.Errorf("include %s: %w", pattern, err)
	}
	found := false
	for _, match := range matches {
		if hidden(pattern, match) {
			continue
		}
		found = true
		if err := include(match); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("include %s: %w", pattern, errNoMatch)
	}
	return nil
}

// hidden tells whether a wildcard stands for the dot that a name begins with, which it does not in
// glob(3).
func hidden(pattern, match string) bool {
	patterns, names := strings.Split(filepath.Clean(pattern), "/"), strings.Split(filepath.Clean(match), "/")
	for i := 0; i < len(patterns) && i < len(names); i++ {
		if strings.HasPrefix(names[i], ".") && !strings.HasPrefix(patterns[i], ".") {
			return true
		}
	}
	return false
}

// folder is dirname(3): unlike [filepath.Dir] it leaves dots as they stand.
func folder(path string) string {
	slash := strings.LastIndexByte(path, '/')
	switch {
	case slash < 0:
		return "."
	case strings.TrimRight(path[:slash], "/") == "":
		return "/"
	}
	return strings.TrimRight(path[:slash], "/")
}
