// Package containers runs the images of the Dockerfile as the manual, the manifests and the compose
// files do: in a Docker daemon, between a simulated site and a receiver of this process. The daemon
// must be on this machine, so that its containers reach both.
package containers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

const (
	root = "../.."

	// patience is how long anything may take on a slow machine. On a healthy one no wait is that
	// long.
	patience = 2 * time.Minute

	// The images: two versions of the one with Fluent Bit, and the small one.
	image   = "fluent-bit-confluence-under-test:0.0.1"
	newer   = "fluent-bit-confluence-under-test:0.0.2"
	plugins = "fluent-bit-confluence-plugin-under-test:0.0.1"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv("CONTAINERS") == "" {
		fmt.Println("SKIP the tests of the images: make containers runs them")
		return 0
	}
	defer func() { _ = exec.Command("docker", "image", "rm", image, newer, plugins).Run() }()
	for _, args := range [][]string{
		{"--tag", image, "--build-arg", "VERSION=v0.0.1"},
		{"--tag", newer, "--build-arg", "VERSION=v0.0.2"},
		{"--tag", plugins, "--build-arg", "VERSION=v0.0.1", "--target", "plugin"},
	} {
		build := exec.Command("docker", append(append([]string{"build"}, args...), root)...)
		build.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
		build.Stdout, build.Stderr = os.Stdout, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Println("FAIL docker build:", err)
			return 1
		}
	}
	return m.Run()
}

// patient returns a context for a wait.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errors.New("patience is over"))
	t.Cleanup(cancel)
	return ctx
}
