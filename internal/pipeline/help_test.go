package pipeline

import (
	"strings"
	"testing"
)

// HELP has no Markdown: Prometheus and Grafana show it unchanged.
func TestHelpIsPlain(t *testing.T) {
	t.Parallel()
	for _, m := range Metrics {
		if help := m.PlainHelp(); strings.ContainsAny(help, "`[]*") || !strings.HasSuffix(help, ".") {
			t.Errorf("%s: the help text is Markdown or no sentence: %s", m.Name, help)
		}
	}
}
