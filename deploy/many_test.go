package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// generate runs the generator for a list, in a folder that has an operator's copy of fluent-bit.yaml.
func generate(t *testing.T, folder, list string) error {
	t.Helper()
	write(t, folder, "fluent-bit.yaml", contents(t, "many-sites/fluent-bit.yaml"))
	out, err := exec.CommandContext(t.Context(), "many-sites/generate.sh", list, folder).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// tokens returns the variables of the example, with a token for each name.
func tokens(t *testing.T, names ...string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		write(t, dir, name, "unscoped-token\n")
	}
	return map[string]string{
		"STATE_DATABASE": stateDatabase, "STATE_DATABASE_PASSWORD_FILE": write(t, dir, "password", "not asked for\n"),
		"ATLASSIAN_TOKENS": dir, "FLUENT_BIT_DATA": t.TempDir(),
	}
}

func TestManySites(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := generate(t, folder, "many-sites/tenants.txt"); err != nil {
		t.Fatal(err)
	}
	env := tokens(t, "acme-confluence", "acme-jira", "example-confluence")
	configuration, err := fluentbit.Read(filepath.Join(folder, "fluent-bit.yaml"), func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range configuration.Inputs("confluence") {
		s, err := config.Parse(in.Get)
		if err != nil {
			t.Fatalf("%s: %v", in.Where, err)
		}
		got = append(got, fmt.Sprint(in.Get("alias"), " ", in.Get("tag"), " ", in.Get("product"), " ", in.Get("api_url"), " ", s.Database == stateDatabase))
		for _, line := range append(config.Unknown(in.Keys()), in.Mistakes()...) {
			t.Errorf("%s: %s", in.Where, line)
		}
	}
	want := `acme-confluence atlassian.confluence.acme confluence https://acme.atlassian.net true
acme-jira atlassian.jira.acme jira https://acme.atlassian.net true
example-confluence atlassian.confluence.example confluence https://example.atlassian.net true`
	if got := strings.Join(got, "\n"); got != want {
		t.Errorf("the inputs are\n%s\nwant\n%s", got, want)
	}
}

// A list with a mistake leaves the includes of the last one. A tenant that is no longer listed has
// none.
func TestChangedTenants(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	const acme, example = "acme https://acme.atlassian.net auditor@example.com\n", "example https://example.atlassian.net auditor@example.com\n"
	includes := func() string {
		found, _ := filepath.Glob(filepath.Join(folder, "tenants", "*"))
		for i, path := range found {
			found[i] = filepath.Base(path)
		}
		return strings.Join(found, " ")
	}
	if err := generate(t, folder, write(t, t.TempDir(), "list", acme)); err != nil || includes() != "acme.yaml" {
		t.Fatalf("%s, %v", includes(), err)
	}
	for list, mistake := range map[string]string{
		example + "../acme https://acme.atlassian.net auditor@example.com\n": "tenant ../acme: want a name",
		example + "b acme.atlassian.net auditor@example.com\n":               "tenant b: want an address",
		example + "b https://acme.atlassian.net\n":                           "tenant b: want the e-mail",
		example + "b https://acme.atlassian.net a@example.com bitbucket\n":   "tenant b: want the products",
		example + example: "tenant example: it is listed twice",
	} {
		if err := generate(t, folder, write(t, t.TempDir(), "list", list)); err == nil || !strings.Contains(err.Error(), mistake) || includes() != "acme.yaml" {
			t.Errorf("list\n%sgives the includes %s and %v, want %q", list, includes(), err, mistake)
		}
	}
	if err := generate(t, folder, write(t, t.TempDir(), "list", "\n# "+acme+example)); err != nil || includes() != "example.yaml" {
		t.Errorf("%s, %v", includes(), err)
	}
}

// The generated configuration of 200 sites has no mistakes, and delivers the records of all.
func TestTwoHundredSites(t *testing.T) {
	t.Parallel()
	const sites, records = 200, 3
	command := realFluentBit(t)
	database := postgres.Start(t)
	link, err := database.NewLink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close() })
	var list strings.Builder
	var names []string
	var tenants []tenant
	for n := range sites {
		s := newTenant(t, simulate.Options{Seed: uint64(n), Records: records, History: 23 * 60 * 60 * 1e9})
		tenants = append(tenants, s)
		name := fmt.Sprintf("tenant-%d", n)
		names = append(names, name+"-confluence")
		fmt.Fprintln(&list, name, s.URL, "admin@example.com")
	}
	folder := t.TempDir()
	if err := generate(t, folder, write(t, folder, "list", list.String())); err != nil {
		t.Fatal(err)
	}
	variables := tokens(t, names...)
	variables["STATE_DATABASE"] = "postgres://postgres@" + link.Addr() + "/postgres?sslmode=disable"
	env := make([]string, 0, len(variables))
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	receiver := rig.NewReceiver()
	t.Cleanup(receiver.Close)
	text := replaced(t, contents(t, "many-sites/fluent-bit.yaml"), "http_port: 2020", fmt.Sprint("http_port: ", rigtest.FreePort(t)))
	path := write(t, folder, "fluent-bit.yaml", delivering(t, text, receiver))

	t.Run("check", func(t *testing.T) { checkOffline(t, path, sites, env) })

	p := start(t, command, path, env...)
	p.AwaitLog(taken, sites)
	ctx := rigtest.Patient(t)
	if err := rig.Await(ctx, func() bool { return receiver.Count() >= sites*records }); err != nil {
		t.Fatal(err)
	}
	for _, s := range tenants {
		if n := len(receiver.From(s.URL)); n != records {
			t.Errorf("%d records of %s, want %d", n, s.URL, records)
		}
	}
	if u, err := p.Usage(); err == nil {
		t.Logf("%d sites: %d MB, %s of CPU", sites, u.Resident>>20, u.CPU)
	}
	stop(t, p)
}

// checkOffline asks the operator's tool about a configuration.
func checkOffline(t *testing.T, path string, inputs int, env []string) {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "confluence-audit")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", tool, "fluent-bit-confluence/cmd/confluence-audit").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	check := exec.CommandContext(t.Context(), tool, "check", "--offline", "--config", path)
	check.Env = append(os.Environ(), env...)
	out, err := check.CombinedOutput()
	if n := strings.Count(string(out), "-confluence ("); err != nil || n != inputs || !strings.Contains(string(out), "has no mistakes") {
		t.Errorf("%d inputs checked: %v\n%s", n, err, out[max(0, len(out)-2000):])
	}
}
