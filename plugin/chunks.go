package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// chunkFiles finds the folder of an instance's chunks, which Fluent Bit does not tell. With
// `storage.type filesystem` chunks are files in a folder named after the instance, and those in use
// are mapped into memory.
type chunkFiles struct {
	path     string // of the folder; "" while it is not known
	since    time.Time
	searches int // since that time
}

// chunkFile matches the path of a chunk of any confluence input. Which input does not matter: all
// chunks are below one storage.path, on one disk.
var chunkFile = regexp.MustCompile(`/[^\n]*/confluence\.\d+/[^/\n]+\.flb$`)

// mostSearches is how many searches are made a second: each takes some 100 µs, and is in vain when
// the chunks are in memory. The limit must not fall with time: on a quiet site a chunk exists for a
// moment only, after its records were counted.
const mostSearches = 10

// room returns how many bytes are free on the disk of the chunks, and the folder. Both are unknown
// before the first chunk exists.
func (c *chunkFiles) room() (bytes int64, path string, known bool) {
	var disk syscall.Statfs_t
	if c.path != "" && syscall.Statfs(c.path, &disk) != nil {
		c.path = ""
	}
	if c.path == "" {
		if now := time.Now(); now.Sub(c.since) >= time.Second {
			c.since, c.searches = now, 0
		}
		if c.searches++; c.searches > mostSearches {
			return 0, "", false
		}
		if c.path = mappedChunks(); c.path == "" || syscall.Statfs(c.path, &disk) != nil {
			return 0, "", false
		}
	}
	return int64(disk.Bavail) * disk.Bsize, c.path, true
}

// mappedChunks returns the folder of the first chunk that is mapped, "" when there is none.
func mappedChunks() string {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return ""
	}
	defer maps.Close()
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		if !bytes.HasSuffix(lines.Bytes(), []byte(".flb")) {
			continue // most lines: this is quicker than the pattern
		}
		if file := chunkFile.Find(lines.Bytes()); file != nil {
			return filepath.Dir(string(file))
		}
	}
	return ""
}
