package deploy

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// fleet is a database, a site and a receiver for collectors with the same configuration.
type fleet struct {
	t        *testing.T
	command  []string
	example  string
	database *postgres.Server
	name     string // in the database
	site     tenant
	receiver *rig.Receiver
	env      []string
}

func newFleet(t *testing.T, command []string, database *postgres.Server, name, example string) *fleet {
	t.Helper()
	if _, err := database.Query("postgres", "create database "+name); err != nil {
		t.Fatal(err)
	}
	link, err := database.NewLink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close() })
	f := &fleet{
		t: t, command: command, example: example, database: database, name: name,
		site: newTenant(t, simulate.Options{Seed: 3, Records: 50, Rate: 5}), receiver: rig.NewReceiver(),
	}
	t.Cleanup(f.receiver.Close)
	f.env = []string{
		"STATE_DATABASE=postgres://postgres@" + link.Addr() + "/" + name + "?sslmode=disable",
		"CONFLUENCE_API_URL=" + f.site.URL, "CONFLUENCE_USER_IDENTIFIER=admin@example.com", "JIRA_API_URL=" + f.site.URL, "JIRA_USER_IDENTIFIER=admin@example.com",
	}
	return f
}

// collector starts a process. All of them have the name of this machine, which decides how they share
// the logs.
func (f *fleet) collector(config string) rigtest.Process {
	return start(f.t, f.command, config, f.env...)
}

func (f *fleet) config() string { return adapted(f.t, f.example, f.receiver) }

// Two collectors with the same configuration share the logs. When one of them stops, the records go
// on, and none comes twice.
func TestFleet(t *testing.T) {
	t.Parallel()
	command := realFluentBit(t)
	database := postgres.Start(t)
	for _, example := range []string{"compose-fleet/fluent-bit.yaml", "kubernetes-fleet/fluent-bit.yaml", "helm/fleet.yaml"} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, command, database, strings.ReplaceAll(filepath.Dir(example), "-", "_"), example)
			one := f.collector(f.config())
			one.AwaitLog(taken, 2)
			f.site.awaitOnce(t, f.receiver)
			two := f.collector(f.config())
			stop(t, one)
			two.AwaitLog(taken, 2) // some perhaps before
			f.site.awaitOnce(t, f.receiver)
			stop(t, two)
		})
	}
}

// What waits in the buffer of a lost node comes from no other process, as the manual says. It comes
// when a process runs again with that buffer.
func TestBufferOfLostNode(t *testing.T) {
	t.Parallel()
	command := realFluentBit(t)
	f := newFleet(t, command, postgres.Start(t), "lost", "kubernetes-fleet/fluent-bit.yaml")
	began := time.Now()
	f.receiver.Be(rig.Refuses)
	node := f.config()
	one := f.collector(node)
	ctx := rigtest.Patient(t)
	committed := func() bool {
		out, err := f.database.Query(f.name, "select count(distinct log) = 2 from confluence_audit.seen")
		return err == nil && strings.TrimSpace(out) == "t"
	}
	if err := rig.Await(ctx, committed); err != nil {
		t.Fatal(err, one.Log())
	}
	one.Kill()
	f.receiver.Be(rig.Takes)
	two := f.collector(f.config())
	two.AwaitLog(taken, 2) // when the lease of the lost one has run out
	if err := rig.Await(ctx, func() bool { return f.receiver.Count() > 20 }); err != nil {
		t.Fatal(err)
	}
	for product, c := range f.site.compare(f.receiver, began) {
		if c.Complete() {
			t.Errorf("%s: nothing was in the buffer: %s", product, c)
		}
	}
	f.collector(node)
	complete := func() bool {
		for _, c := range f.site.compare(f.receiver, began) {
			if !c.Complete() {
				return false
			}
		}
		return true
	}
	if err := rig.Await(ctx, complete); err != nil {
		t.Errorf("not all came out of the buffer: %v", f.site.compare(f.receiver, began))
	}
}

// adapted writes an example so that it runs here, each time with a folder of its own: secrets,
// buffer, port, output and the time between two polls.
func adapted(t *testing.T, example string, receiver *rig.Receiver) (path string) {
	t.Helper()
	dir := t.TempDir()
	port := fmt.Sprint(rigtest.FreePort(t))
	token, password := write(t, dir, "token", "unscoped-token\n"), write(t, dir, "password", "not asked for\n")
	switch filepath.Dir(example) {
	case "helm":
		config := helmConfig(t, "values.yaml", "fleet.yaml")
		text := replaced(t, config["service"]+config["inputs"], "{{ .Values.logLevel }}", "info", "{{ .Values.metricsPort }}", port,
			"/var/lib/fluent-bit", dir, "/run/secrets/atlassian/confluence_api_token", token, "/run/secrets/atlassian/jira_api_token", token,
			"/run/secrets/database/password", password, "storage.type     filesystem", "storage.type filesystem\n    poll_interval 1s")
		text += "[OUTPUT]\n"
		for key, value := range receiver.Output() {
			text += fmt.Sprintf("    %s %s\n", key, value)
		}
		return write(t, dir, "fluent-bit.conf", text)
	case "compose-fleet":
		text := replaced(t, contents(t, example), "${CONFLUENCE_DATA}", dir, "/run/secrets/confluence_api_token", token, "/run/secrets/jira_api_token", token,
			"/run/secrets/database_password", password, "http_port: 2020", "http_port: "+port, "poll_interval: 5s", "poll_interval: 1s")
		return write(t, dir, "fluent-bit.yaml", delivering(t, text, receiver))
	default:
		text := replaced(t, contents(t, example), "/var/lib/fluent-bit", dir, "/run/secrets/atlassian/confluence_api_token", token,
			"/run/secrets/atlassian/jira_api_token", token, "/run/secrets/database/password", password, "http_port: 2020", "http_port: "+port,
			"storage.type: filesystem", "storage.type: filesystem\n      poll_interval: 1s")
		return write(t, dir, "fluent-bit.yaml", delivering(t, text, receiver))
	}
}

// delivering returns a configuration in YAML with the receiver as its output.
func delivering(t *testing.T, text string, receiver *rig.Receiver) string {
	t.Helper()
	var config map[string]any
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	config["pipeline"].(map[string]any)["outputs"] = []rig.Keys{receiver.Output()}
	out, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
