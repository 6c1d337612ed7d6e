// Package rig runs a Fluent Bit with the plugin between a simulator and a receiver, and compares
// the records that exist with those that arrived.
//
// It does not use package testing, so that the end-to-end tests and the torture run can share it.
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

// ErrNoFluentBit is the error of Find when there is no Fluent Bit on this machine.
var ErrNoFluentBit = errors.New("fluent-bit is neither on PATH nor named by FLUENT_BIT")

// Find returns the Fluent Bit to run: FLUENT_BIT, else the one on PATH.
func Find() (string, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv("FLUENT_BIT"), "fluent-bit"))
	if err != nil {
		return "", ErrNoFluentBit
	}
	return filepath.Abs(path)
}

// Wanted returns whether to run the tests with the built plugin: make sets PLUGIN to its path.
// Without PLUGIN, go test needs no built files and is quick.
func Wanted() bool { return os.Getenv("PLUGIN") != "" }

// Plugin returns the path of the plugin: PLUGIN, or else a plugin that it compiles into dir.
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

// Await calls condition again and again until it returns true or ctx is done.
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
