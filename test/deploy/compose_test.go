package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// compose loads a project and checks what all of them must have.
func compose(t *testing.T, path string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, path)})
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := project.CheckContainerNameUnicity(); err != nil {
		t.Error(err)
	}
	published := map[string]bool{}
	for name, s := range project.Services {
		switch {
		case s.Build == nil && !strings.Contains(s.Image, ":"):
			t.Errorf("service %s: image %s has no version", name, s.Image)
		case s.Build != nil && (!s.ReadOnly || s.Privileged || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL"):
			t.Errorf("service %s: want a read-only root and no capabilities", name)
		case s.Build != nil:
			if _, err := os.Stat(filepath.Join(s.Build.Context, "Dockerfile")); err != nil {
				t.Errorf("service %s: %v", name, err)
			}
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("service %s: port %s is open to the network", name, p.Published)
			}
			if published[p.Published] {
				t.Errorf("service %s: port %s is that of another one", name, p.Published)
			}
			published[p.Published] = true
		}
	}
	for _, c := range project.Configs {
		if _, err := os.Stat(c.File); err != nil {
			t.Error(err)
		}
	}
	for _, s := range project.Secrets {
		if _, err := os.Stat(s.File); err != nil {
			t.Error(err)
		}
	}
	return project
}

func TestCompose(t *testing.T) {
	t.Parallel()
	project := compose(t, "compose.yaml")
	for _, name := range []string{"atlassian", "fluent-bit"} {
		if project.Services[name].Build == nil {
			t.Errorf("service %s is not built from here", name)
		}
	}
}

// The collectors differ in their names and buffers only, and have the password of the database.
func TestComposeFleet(t *testing.T) {
	t.Parallel()
	project := compose(t, "deploy/compose-fleet/compose.yaml")
	if file := project.Configs["fluent-bit"].File; !strings.HasSuffix(file, "deploy/compose-fleet/fluent-bit.yaml") {
		t.Errorf("the collectors have the configuration %s", file)
	}
	one, two := project.Services["collector-1"], project.Services["collector-2"]
	if one.Hostname != "collector-1" || two.Hostname != "collector-2" {
		t.Errorf("the collectors are called %q and %q", one.Hostname, two.Hostname)
	}
	for _, s := range []types.ServiceConfig{one, two} {
		if len(s.Volumes) != 1 || s.Volumes[0].Target != "/var/lib/fluent-bit" || len(s.Ports) != 1 {
			t.Errorf("%s: want one buffer and one port: %v %v", s.Name, s.Volumes, s.Ports)
		}
		if s.DependsOn["database"].Condition != types.ServiceConditionHealthy {
			t.Errorf("%s does not wait for the database", s.Name)
		}
		if !slices.ContainsFunc(s.Secrets, func(c types.ServiceSecretConfig) bool { return c.Source == "database_password" }) || len(s.Secrets) != 3 {
			t.Errorf("%s: the secrets are %v", s.Name, s.Secrets)
		}
		if url := s.Environment["STATE_DATABASE"]; url == nil || !strings.Contains(*url, "@database:5432/") {
			t.Errorf("%s: the database is not that of the project", s.Name)
		}
	}
	if one.Volumes[0].Source == two.Volumes[0].Source {
		t.Error("the collectors share a buffer")
	}
}
