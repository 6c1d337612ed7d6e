package deploy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

const version = "v0.0.0-test"

// buildStage runs the first stage of the Dockerfile in a folder instead of a container: the same
// commands on the same files. Packages that apt-get would install must be here already.
func buildStage(t *testing.T, arch string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	work := dir
	env := append(os.Environ(), "TARGETARCH="+arch, "VERSION="+version, "GOFLAGS=-buildvcs=false")
	for _, c := range dockerfile(t)[0].Commands {
		switch c := c.(type) {
		case *instructions.WorkdirCommand:
			work = filepath.Join(dir, c.Path)
		case *instructions.CopyCommand:
			for _, source := range c.SourcePaths {
				copyContext(t, source, filepath.Join(work, c.DestPath))
			}
		case *instructions.RunCommand:
			if strings.Contains(c.CmdLine[0], "apt-get ") {
				continue
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Join(c.CmdLine, " "))
			cmd.Dir, cmd.Env = work, env
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("RUN %s: %v\n%s", c.CmdLine, err, out)
			}
		case *instructions.ArgCommand:
		case *instructions.EnvCommand: // the container's own paths
		default:
			t.Fatalf("the build stage has a command that this test does not know: %v", c)
		}
	}
	return dir
}

// copyContext copies the files that git tracks or would track, which are those that .dockerignore
// leaves.
func copyContext(t *testing.T, source, dest string) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", source)
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(root, name)); os.IsNotExist(err) {
			continue // deleted, but still tracked by git
		}
		place(t, filepath.Join(root, name), filepath.Join(dest, name))
	}
}

func place(t *testing.T, source, dest string) {
	t.Helper()
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(dest), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dest, data, info.Mode().Perm()); err != nil {
		t.Fatal(err)
	}
}

// finalStage copies what the last stage copies, and returns the folder that is the root of the
// image.
func finalStage(t *testing.T, build string) (image string) {
	t.Helper()
	image = t.TempDir()
	stages := dockerfile(t)
	for _, stage := range stages[1:] {
		for _, c := range stage.Commands {
			c, ok := c.(*instructions.CopyCommand)
			if !ok {
				continue
			}
			for _, source := range c.SourcePaths {
				from := filepath.Join(build, source)
				info, err := os.Stat(from)
				if err != nil {
					t.Fatalf("COPY %s: %v", source, err)
				}
				dest := filepath.Join(image, c.DestPath)
				switch {
				case info.IsDir():
					if err := os.MkdirAll(dest, 0o755); err != nil {
						t.Fatal(err)
					}
				case strings.HasSuffix(c.DestPath, "/"):
					place(t, from, filepath.Join(dest, filepath.Base(source)))
				default:
					place(t, from, dest)
				}
			}
		}
	}
	return image
}

func needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("no %s here", program)
	}
	return path
}

func TestBuildStageForOtherArchitecture(t *testing.T) {
	needs(t, "aarch64-linux-gnu-gcc")
	finalStage(t, buildStage(t, "arm64"))
}

// The image's files, configurations and health check work with the Fluent Bit of this machine, as
// the user of the image. The variables of Confluence alone are enough to start it.
func TestImageRuns(t *testing.T) {
	fluentBit := os.Getenv("FLUENT_BIT")
	if fluentBit == "" {
		fluentBit = needs(t, "fluent-bit")
	}
	needs(t, "x86_64-linux-gnu-gcc")
	image := finalStage(t, buildStage(t, "amd64"))
	port := freePort(t)
	adapt(t, image, port)
	if os.Getuid() == 0 {
		openUp(t, image)
	}
	for _, c := range []struct {
		config string
		signs  []string // of a record of each product
		states []string
		env    []string
	}{
		{"fluent-bit.yaml", []string{`"creationDate"`}, []string{"confluence.db"}, nil},
		{"confluence-and-jira.yaml", []string{`"creationDate"`, `"objectItem"`}, []string{"confluence.db", "jira.db"}, []string{"JIRA_USER_IDENTIFIER=admin@example.com"}},
	} {
		t.Run(c.config, func(t *testing.T) {
			state := t.TempDir()
			r := run{image: image, command: []string{fluentBit, "-e", filepath.Join(image, "fluent-bit/plugins/in_confluence.so"), "-c", filepath.Join(image, "fluent-bit/etc", c.config)},
				env: append(c.env, "CONFLUENCE_DATA="+state)}
			r.until(t, state, c.signs, func(ctx context.Context) {
				health := exec.CommandContext(ctx, filepath.Join(image, "usr/local/bin/healthcheck"), fmt.Sprintf("http://127.0.0.1:%d/api/v1/health", port))
				if text, err := health.CombinedOutput(); err != nil {
					t.Errorf("health check: %v %s", err, text)
				}
			})
			for _, name := range c.states {
				if _, err := os.Stat(filepath.Join(state, name)); err != nil {
					t.Errorf("no state file: %v", err)
				}
			}
		})
	}
}

// adapt lets the configurations of an image find the secrets here, and use a free port.
func adapt(t *testing.T, image string, port int) {
	t.Helper()
	token := filepath.Join(image, "token")
	files := map[string][]byte{token: []byte("unscoped-token\n")}
	for _, name := range []string{"fluent-bit.yaml", "confluence-and-jira.yaml"} {
		path := filepath.Join(image, "fluent-bit/etc", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"/run/secrets/confluence_api_token", "/run/secrets/jira_api_token"} {
			text = bytes.ReplaceAll(text, []byte(secret), []byte(token))
		}
		files[path] = bytes.ReplaceAll(text, []byte("http_port: 2020"), fmt.Append(nil, "http_port: ", port))
	}
	for name, data := range files {
		if err := os.WriteFile(name, data, 0o444); err != nil {
			t.Fatal(err)
		}
	}
}

// run is a Fluent Bit beside a simulated site with both products.
type run struct {
	image   string
	command []string
	env     []string
}

// until runs it until each sign was in its output, then calls then and stops it.
func (r run) until(t *testing.T, state string, signs []string, then func(ctx context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	cmd := exec.CommandContext(ctx, filepath.Join(r.image, "usr/local/bin/confluence-audit"),
		append([]string{"simulate", "--product", "both", "--listen", address, "--records", "20", "--"}, r.command...)...)
	cmd.Env = slices.Concat(os.Environ(), r.env, []string{"JIRA_API_URL=http://" + address})
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if os.Getuid() == 0 {
		openUp(t, state)
		if err := os.Chown(state, 65532, 65532); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); len(signs) > 0 && lines.Scan(); {
		signs = slices.DeleteFunc(slices.Clone(signs), func(sign string) bool { return strings.Contains(lines.Text(), sign) })
	}
	if len(signs) == 0 {
		then(ctx)
	}
	cancel()
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait()
	if len(signs) > 0 {
		t.Fatalf("no record with %v came out\n%s", signs, log.String())
	}
}

// openUp lets other users read the folders of a test.
func openUp(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
