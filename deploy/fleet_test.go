package deploy

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
	"fluent-bit-confluence/test/rig"
)

// Two collectors with the same configuration share the logs. When one of them stops, the records go
// on, and none comes twice.
func TestFleet(t *testing.T) {
	t.Parallel()
	command := realFluentBit(t)
	database := postgres.Start(t)
	for _, example := range []string{"compose-fleet/fluent-bit.yaml", "kubernetes-fleet/fluent-bit.yaml", "helm/fleet.yaml"} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			name := strings.ReplaceAll(filepath.Dir(example), "-", "_")
			if _, err := database.Query("postgres", "create database "+name); err != nil {
				t.Fatal(err)
			}
			link, err := database.NewLink()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = link.Close() })
			site := newTenant(t, simulate.Options{Seed: 3, Records: 50, Rate: 5})
			receiver := rig.NewReceiver()
			t.Cleanup(receiver.Close)
			collector := func() process {
				return start(t, command, adapted(t, example, receiver),
					"STATE_DATABASE=postgres://postgres@"+link.Addr()+"/"+name+"?sslmode=disable",
					"CONFLUENCE_API_URL="+site.URL, "CONFLUENCE_USER_IDENTIFIER=admin@example.com", "JIRA_API_URL="+site.URL, "JIRA_USER_IDENTIFIER=admin@example.com")
			}
			one := collector()
			one.awaitLog(taken, 2)
			site.awaitOnce(t, receiver)
			two := collector()
			// Both have the name of this machine, of which the younger one gets the logs.
			two.awaitLog(taken, 2)
			two.stop()
			one.awaitLog(taken, 4)
			site.awaitOnce(t, receiver)
			one.stop()
		})
	}
}

// adapted writes an example so that it runs here, each time with a folder of its own: secrets,
// buffer, port, output and the time between two polls.
func adapted(t *testing.T, example string, receiver *rig.Receiver) (path string) {
	t.Helper()
	dir := t.TempDir()
	port := fmt.Sprint(freePort(t))
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

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
