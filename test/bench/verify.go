package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// verify counts the lines of a file and the different serials in them.
func verify(path string, want int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines, serials := 0, make(map[string]bool, want)
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for ; scanner.Scan(); lines++ {
		_, serial, found := bytes.Cut(scanner.Bytes(), []byte("SIM-"))
		if !found {
			return fmt.Errorf("verify: no record: %.200s", scanner.Bytes())
		}
		end := 0
		for end < len(serial) && '0' <= serial[end] && serial[end] <= '9' {
			end++
		}
		serials[string(serial[:end])] = true
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if lines != want || len(serials) != want {
		return fmt.Errorf("verify: %d lines with %d different records, want %d", lines, len(serials), want)
	}
	return nil
}

// A lineCounter counts the lines of a growing file, each once.
type lineCounter struct {
	pattern string // of its name
	file    *os.File
	lines   int
}

func (c *lineCounter) count() int {
	if c.file == nil {
		names, _ := filepath.Glob(c.pattern)
		if len(names) == 0 {
			return 0
		}
		c.file, _ = os.Open(names[0])
	}
	buffer := make([]byte, 1<<20)
	for {
		n, err := c.file.Read(buffer)
		c.lines += bytes.Count(buffer[:n], []byte{'\n'})
		if err != nil {
			return c.lines
		}
	}
}
