package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
)

func TestCompose(t *testing.T) {
	t.Parallel()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")})
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
	for _, name := range []string{"atlassian", "fluent-bit"} {
		s := project.Services[name]
		if !s.ReadOnly || s.Privileged || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" {
			t.Errorf("service %s: want a read-only root and no capabilities", name)
		}
	}
	for name, s := range project.Services {
		if s.Build == nil && !strings.Contains(s.Image, ":") {
			t.Errorf("service %s: image %s has no version", name, s.Image)
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("service %s: port %s is open to the network", name, p.Published)
			}
		}
	}
	for _, file := range []string{project.Configs["fluent-bit"].File, project.Secrets["confluence_api_token"].File, project.Secrets["jira_api_token"].File} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}
