package deploy

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// dockerfile returns the stages of the Dockerfile.
func dockerfile(t *testing.T) []instructions.Stage {
	t.Helper()
	file, err := parser.Parse(bytes.NewReader(read(t, "Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range file.Warnings {
		t.Errorf("Dockerfile: %s %s", w.Short, w.URL)
	}
	stages, _, err := instructions.Parse(file.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

func command[T instructions.Command](stage instructions.Stage) (last T, found bool) {
	for _, c := range stage.Commands {
		if cmd, ok := c.(T); ok {
			last, found = cmd, true
		}
	}
	return last, found
}

func TestBaseImagesArePinned(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.[0-9]+[0-9a-z.-]*(@sha256:[0-9a-f]{64})?$`)
	for _, stage := range dockerfile(t) {
		if !pinned.MatchString(stage.BaseName) {
			t.Errorf("FROM %s: want a tag with a version", stage.BaseName)
		}
	}
}

// The image of the builder decides which glibc a host needs.
func TestBuilderIsBookworm(t *testing.T) {
	t.Parallel()
	if build := dockerfile(t)[0]; !strings.Contains(build.BaseName, "-bookworm") || build.Name != "build" {
		t.Errorf("the first stage is %s AS %s, want golang on bookworm AS build", build.BaseName, build.Name)
	}
}

func TestImagesRunWithoutRoot(t *testing.T) {
	t.Parallel()
	for _, stage := range dockerfile(t)[1:] {
		// Kubernetes' runAsNonRoot wants a number.
		if user, ok := command[*instructions.UserCommand](stage); !ok || user.User != "65532:65532" {
			t.Errorf("stage %q: want USER 65532:65532", stage.Name)
		}
	}
}

// The image has no shell, so commands must have the exec form.
func TestCommandsNeedNoShell(t *testing.T) {
	t.Parallel()
	stages := dockerfile(t)
	final := stages[len(stages)-1]
	entry, ok := command[*instructions.EntrypointCommand](final)
	if !ok || entry.PrependShell || !slices.Contains(entry.CmdLine, "/fluent-bit/plugins/in_confluence.so") {
		t.Errorf("ENTRYPOINT %v: want the exec form with the input", entry)
	}
	if cmd, ok := command[*instructions.CmdCommand](final); !ok || cmd.PrependShell {
		t.Errorf("CMD %v: want the exec form", cmd)
	}
	if health, ok := command[*instructions.HealthCheckCommand](final); !ok || health.Health.Test[0] != "CMD" {
		t.Errorf("HEALTHCHECK %v: want the exec form", health)
	}
	for _, c := range final.Commands {
		if run, ok := c.(*instructions.RunCommand); ok {
			t.Errorf("%s: the base image has no shell to run it", run)
		}
	}
}
