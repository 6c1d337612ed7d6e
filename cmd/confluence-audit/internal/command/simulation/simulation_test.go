package simulation

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
	"fluent-bit-confluence/cmd/confluence-audit/internal/command/export"
)

// The command line that simulate prints has to work, and Ctrl-C has to end it.
func TestSimulate(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{"cloud", "datacenter"} {
		t.Run(deployment, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out, in := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				ended <- clitest.Run(ctx, Command(), in, in, "--listen", "127.0.0.1:0", "--deployment", deployment, "--rate", "0", "--records", "7")
				in.Close()
			}()

			var commandLine string
			for lines := bufio.NewScanner(out); commandLine == "" && lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "fluent-bit ") {
					commandLine = lines.Text()
				}
			}
			args := []string{"--from", "all"}
			for _, setting := range regexp.MustCompile(`-p (\S+)=(\S+)`).FindAllStringSubmatch(commandLine, -1) {
				args = append(args, "--"+strings.ReplaceAll(setting[1], "_", "-"), setting[2])
			}
			var records, messages bytes.Buffer
			if err := clitest.Run(ctx, export.Command(), &records, &messages, args...); err != nil {
				t.Errorf("export %q: %v, %s", args, err, &messages)
			}
			if got := strings.Count(records.String(), "\n"); got != 7 {
				t.Errorf("%d records, want 7", got)
			}

			stop()
			if err := <-ended; err != nil {
				t.Errorf("after Ctrl-C: %v", err)
			}
		})
	}
}

// A site with both products prints an input for each, and answers for each at one address.
func TestSimulateBothProducts(t *testing.T) {
	t.Parallel()
	for deployment, lists := range map[string][]string{
		"cloud":      {"/wiki/rest/api/audit", "/rest/api/3/auditing/record"},
		"datacenter": {"/rest/auditing/1.0/events", "/rest/auditing/1.0/events"},
	} {
		t.Run(deployment, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			out, in := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				ended <- clitest.Run(ctx, Command(), in, in, "--listen", "127.0.0.1:0", "--product", "both", "--deployment", deployment, "--rate", "0", "--records", "7")
				in.Close()
			}()
			var commandLine string
			for lines := bufio.NewScanner(out); commandLine == "" && lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "fluent-bit ") {
					commandLine = lines.Text()
				}
			}
			inputs := strings.Split(commandLine, " -i confluence ")[1:]
			var products []string
			for i, input := range inputs {
				values := map[string]string{}
				for _, setting := range regexp.MustCompile(`-p (\S+)=(\S+)`).FindAllStringSubmatch(input, -1) {
					values[setting[1]] = setting[2]
				}
				products = append(products, values["product"])
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, values["api_url"]+lists[i], nil)
				if err != nil {
					t.Fatal(err)
				}
				if token := values["personal_access_token"]; token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				} else {
					r.SetBasicAuth(values["user_identifier"], values["api_token"])
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("SIM-000007")) {
					t.Errorf("%s: %d, %v, %.200s", r.URL, answer.StatusCode, err, body)
				}
			}
			if diff := cmp.Diff([]string{"", "jira"}, products); diff != "" {
				t.Error(diff)
			}
			stop()
			if err := <-ended; err != nil {
				t.Errorf("after Ctrl-C: %v", err)
			}
		})
	}
}
