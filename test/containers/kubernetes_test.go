package containers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// A podContainer has of a container of a manifest what Docker can do too. Package test/deploy
// checks the rest.
type podContainer struct {
	Command, Args []string
	Mounts        []struct {
		Name string
		Path string `yaml:"mountPath"`
		Only bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

// mounts returns the arguments of docker run that mount places of this machine, by the names of the
// pod's volumes.
func (c podContainer) mounts(places map[string]string) (args []string) {
	for _, m := range c.Mounts {
		mode := "rw"
		if m.Only {
			mode = "ro"
		}
		args = append(args, "--volume", places[m.Name]+":"+m.Path+":"+mode)
	}
	return args
}

// readPod reads the containers of a Deployment or a Job.
func readPod(t *testing.T, path string) (inits, containers []podContainer) {
	t.Helper()
	var m struct {
		Spec struct {
			Template struct {
				Spec struct {
					InitContainers []podContainer `yaml:"initContainers"`
					Containers     []podContainer
				}
			}
		}
	}
	readYAML(t, path, &m)
	return m.Spec.Template.Spec.InitContainers, m.Spec.Template.Spec.Containers
}

// fluentBitImage returns the image of Fluent Bit in the manifests.
func fluentBitImage(t *testing.T) string {
	t.Helper()
	var k struct {
		Images []struct {
			Name string
			Tag  string `yaml:"newTag"`
		}
	}
	readYAML(t, "deploy/kubernetes/kustomization.yaml", &k)
	return k.Images[0].Name + ":" + k.Images[0].Tag
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// emptyDir returns a volume that the user of the images may write, as Kubernetes makes it with
// fsGroup.
func emptyDir(t *testing.T) string {
	t.Helper()
	volume := newVolume(t)
	docker(t, "run", "--rm", "--user", "0", "--volume", volume+":/volume", plugins, "chown", "65532:65532", "/volume")
	return volume
}

// products is a site with Confluence and Jira.
type products struct {
	site
	jira *simulate.Simulator
}

func newProducts(t *testing.T, n network, records int) products {
	t.Helper()
	wiki := simulate.New(simulate.Options{Records: records})
	jira := simulate.New(simulate.Options{Records: records, Product: simulate.Jira, Seed: 1})
	both := products{site{Simulator: wiki, network: n}, jira}
	both.serve(t, simulate.Site(wiki, jira))
	return both
}

// environment has the variables of deploy/kubernetes/kustomization.yaml.
func (p products) environment() []string {
	return slices.Concat(hardened, p.reach(), []string{
		"--user", "65532:65532",
		"--env", "CONFLUENCE_API_URL=" + p.url, "--env", "CONFLUENCE_USER_IDENTIFIER=admin@example.com",
		"--env", "JIRA_API_URL=" + p.url, "--env", "JIRA_USER_IDENTIFIER=admin@example.com",
	})
}

// credentials returns a folder as the secret of the manifests makes it.
func credentials(t *testing.T, confluence, jira string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, value := range map[string]string{"confluence_api_token": confluence, "jira_api_token": jira} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(value), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The containers of deploy/kubernetes: the small image copies the input, and the official image
// runs it.
func TestPod(t *testing.T) {
	t.Parallel()
	inits, containers := readPod(t, "deploy/kubernetes/deployment.yaml")
	n := newNetwork(t)
	both := newProducts(t, n, 200)
	receiver, output := newReceiver(t, n)
	places := map[string]string{
		"plugin": emptyDir(t), "state": emptyDir(t), "credentials": credentials(t, token, token),
		"config": filepath.Dir(withOutput(t, "deploy/kubernetes/fluent-bit.yaml", output)),
	}
	docker(t, slices.Concat([]string{"run", "--rm"}, hardened, inits[0].mounts(places), []string{plugins})...)
	c := start(t, slices.Concat(both.environment(), containers[0].mounts(places), []string{fluentBitImage(t)}, containers[0].Args)...)
	c.awaitLog("version v0.0.1 reads Confluence at " + both.url)
	awaitOnce(t, func() []rig.Event { return receiver.Of(simulate.Confluence) }, both.Simulator)
	awaitOnce(t, func() []rig.Event { return receiver.Of(simulate.Jira) }, both.jira)
	c.stop()
}

// The container of deploy/kubernetes-check succeeds if both inputs can read. If one cannot, it
// fails, and tells what to do.
func TestCheckJob(t *testing.T) {
	t.Parallel()
	_, containers := readPod(t, "deploy/kubernetes-check/job.yaml")
	both := newProducts(t, newNetwork(t), 10)
	job := containers[0]
	config, err := filepath.Abs(filepath.Join(root, "deploy/kubernetes"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(jiraToken string) (said string, err error) {
		places := map[string]string{
			"config": config, "state": emptyDir(t), "credentials": credentials(t, token, jiraToken),
		}
		out, errOut, err := try(t.Context(), slices.Concat([]string{"run", "--rm"}, both.environment(), job.mounts(places),
			[]string{"--entrypoint", job.Command[0], image}, job.Command[1:])...)
		return out + errOut, err
	}
	said, err := check(token)
	if err != nil || !strings.Contains(said, "✓ fluent-bit     takes the configuration") {
		t.Errorf("%v %s", err, said)
	}
	said, err = check("wrong")
	if err == nil || !strings.Contains(said, "→ check the credential for typing errors") {
		t.Errorf("%v %s", err, said)
	}
}
