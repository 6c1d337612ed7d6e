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

// maxFiles and maxSize bound what includes can add. The number is Fluent Bit's, the size counts all
// files together.
const (
	maxFiles = 1000
	maxSize  = 32 << 20
)

// reader collects the sections of a file and its includes.
type reader struct {
	root     string // folder of the first file
	files    []string
	size     int64
	services int               // service sections of YAML, of which there may be one
	env      map[string]string // variables that the files set
	sections []section         // values as written
	loads    []string          // shared objects, as written
	routed   bool              // an input has routes
}

func newReader(path string) *reader {
	r := &reader{root: filepath.Dir(path), env: make(map[string]string)}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		r.root = filepath.Dir(real)
	}
	return r
}

// file reads one file. An included file has the format of the including one, whatever its
// extension.
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

// includeClassic executes @INCLUDE. A path is looked up in the current folder, then in that of the
// first file; a pattern only in the latter. No file may be read twice, also not under another name.
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

// includeYAML reads the includes of a file in a folder.
func (r *reader) includeYAML(folder, path string) error {
	if !strings.Contains(path, "*") {
		return r.includeYAMLFile(folder, path)
	}
	pattern := path
	if !filepath.IsAbs(path) {
		pattern = folder + "/" + path
	}
	err := includeEach(pattern, func(match string) error {
		// Fluent Bit puts the folder before each match a second time.
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

// includeEach includes the files that match a pattern, as glob(3) does, but sorted: Fluent Bit
// takes the order of the folder.
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

// hidden reports whether a wildcard would have to match a leading dot, which glob(3) does not
// allow.
func hidden(pattern, match string) bool {
	patterns, names := strings.Split(filepath.Clean(pattern), "/"), strings.Split(filepath.Clean(match), "/")
	for i := 0; i < len(patterns) && i < len(names); i++ {
		if strings.HasPrefix(names[i], ".") && !strings.HasPrefix(patterns[i], ".") {
			return true
		}
	}
	return false
}

// folder is dirname(3): unlike [filepath.Dir] it does not resolve dots.
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
