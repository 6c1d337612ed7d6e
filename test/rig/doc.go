// Package rig runs a Fluent Bit with the plugin between a simulator and a receiver, and compares
// what exists with what arrived.
//
// It knows nothing of Go's tests, so that the end-to-end tests and the torture share it. Everything
// it starts ends with its Close.
package rig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// ErrNoFluentBit says that there is none on this machine.
var ErrNoFluentBit = errors.New("fluent-bit is neither on PATH nor named by FLUENT_BIT")

// Find returns the Fluent Bit to run: FLUENT_BIT, else the one on PATH.
func Find() (string, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv("FLUENT_BIT"), "fluent-bit"))
	if err != nil {
		return "", ErrNoFluentBit
	}
	return filepath.Abs(path)
}

// Wanted tells whether tests are to run the plugin as it is built: make names it in PLUGIN. Without
// that, go test needs nothing and is quick.
func Wanted() bool { return os.Getenv("PLUGIN") != "" }

// Plugin returns the path of the plugin: PLUGIN, else it is compiled into dir.
func Plugin(dir string) (string, error) {
	if path := os.Getenv("PLUGIN"); path != "" {
		return filepath.Abs(path)
	}
	path := filepath.Join(dir, "in_confluence.so")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-o", path, "fluent-bit-confluence/plugin")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build plugin: %w\n%s", err, out)
	}
	return path, nil
}

// Await looks at condition again and again until it holds or ctx is done.
func Await(ctx context.Context, condition func() bool) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
