package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// chunkFiles finds out where Fluent Bit keeps the chunks of an instance, which it does not tell:
// with `storage.type filesystem` they are files in a folder named after the instance, and those in
// use are mapped into memory.
type chunkFiles struct {
	path     string // of the folder; "" while it is not known
	since    time.Time
	searches int // since then
}

// chunkFile is the path of a chunk of any confluence input, by whatever alias that goes: all of
// them are below one storage.path.
var chunkFile = regexp.MustCompile(`/[^\n]*/confluence\.\d+/[^/\n]+\.flb$`)

// mostSearches is how many are made a second, for each takes some 100 µs and the chunks may be in
// memory. They must not become rarer with time: on a quiet site a chunk is there for a moment only,
// after its records were counted.
const mostSearches = 10

// room returns how many bytes fit on the disk of the chunks. It is not known before the first chunk
// is there.
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
		if file := chunkFile.Find(lines.Bytes()); file != nil {
			return filepath.Dir(string(file))
		}
	}
	return ""
}
