// Package recipes runs the configurations of examples/ in the real Fluent Bit, each with a server
// for its output, and compares what arrives with the records of the site, one by one.
//
// Real servers are used if they are installed: rsyslog and PostgreSQL on the PATH; VictoriaLogs, an
// S3 gateway and a Kafka broker in tools/bin, built by `make recipe-tools`. All others are test
// receivers that check requests as the real servers do.
package recipes

import (
	"cmp"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig/rigtest"
)

// examples is the folder of the recipes.
const examples = "../../examples"

var fluentBit, plugin string

func TestMain(m *testing.M) { os.Exit(rigtest.Main(m, "tests of the recipes", 6, &fluentBit, &plugin)) }

// recipe is one file of one recipe, with a site that has both products and a receiver.
type recipe struct {
	*testing.T
	sites  []site // Confluence, Jira and, on Cloud, their organization
	dir    string // a copy of the recipe's folder, where state and buffer go too
	config string // the file, in dir
	env    map[string]string
	trust  bool // trust the test's authority like one of the system, see authority.trusted
}

// records is how many records each product has: enough for several kinds of record, and for more
// than one request of some outputs.
const records = 60

// eachForm runs test for both files of a recipe: YAML with a Cloud site, classic with a Data
// Center.
func eachForm(t *testing.T, name string, test func(*recipe)) {
	t.Parallel()
	for _, form := range []struct{ file, deployment string }{{"fluent-bit.yaml", simulate.Cloud}, {"fluent-bit.conf", simulate.DataCenter}} {
		t.Run(form.file, func(t *testing.T) {
			t.Parallel()
			test(newRecipe(t, name, form.file, form.deployment))
		})
	}
}

func newRecipe(t *testing.T, name, file, deployment string) *recipe {
	t.Helper()
	return newRecipeOf(t, name, file, deployment, records)
}

// newRecipeOf is newRecipe with n records of each product.
func newRecipeOf(t *testing.T, name, file, deployment string, n int) *recipe {
	t.Helper()
	organization := deployment == simulate.Cloud && file == "fluent-bit.yaml"
	sites, server := allLogs(deployment, organization, n)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(examples, name))); err != nil {
		t.Fatal(err)
	}
	if organization {
		file = "organization.yaml" // it includes the other
	}
	user, token := "admin@example.com", "unscoped-token"
	if deployment == simulate.DataCenter {
		user, token = "admin", "password"
	}
	return &recipe{T: t, sites: sites, dir: dir, config: file, env: map[string]string{
		"CONFLUENCE_API_URL": sites[0].url, "CONFLUENCE_USER_IDENTIFIER": user, "CONFLUENCE_API_TOKEN": token,
		"JIRA_API_URL": sites[1].url, "JIRA_USER_IDENTIFIER": user, "JIRA_API_TOKEN": token,
		"ORGANIZATION_API_URL": server.URL, "ORGANIZATION_ORG_ID": orgID, "ORGANIZATION_API_KEY": "org-key", "ORGANIZATION_POLL_INTERVAL": "5s",
		"CONFLUENCE_DATA": filepath.Join(dir, "data"), "CONFLUENCE_POLL_INTERVAL": "1s",
	}}
}

// start runs Fluent Bit with the recipe and more environment. It is killed at the end of the test.
func (r *recipe) start(env map[string]string) rigtest.Process {
	r.Helper()
	maps.Copy(r.env, env)
	args := []string{fluentBit, "-e", plugin, "-c", r.config}
	if r.trust {
		args = slices.Concat(authorityOf().trusted(r.T), args)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = r.dir
	cmd.Env = os.Environ()
	for key, value := range r.env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	return rigtest.Start(r.T, cmd)
}

// tool returns the path of a program that is not part of the project, or skips the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	built, _ := filepath.Abs(filepath.Join("tools", "bin", name))
	for _, candidate := range []string{built, name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skipf("SKIPPED: %s is neither on the PATH nor in test/recipes/tools/bin; build it with: make recipe-tools", name)
	return ""
}

// daemon runs a program until the end of the test. Its output is shown when the test fails.
func daemon(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = log
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	cmd.Dir = cmp.Or(cmd.Dir, filepath.Dir(log.Name()))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("log of %s:\n%s", filepath.Base(cmd.Path), text[max(0, len(text)-4000):])
		}
		_ = log.Close()
	})
}
