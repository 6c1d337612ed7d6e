package main

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"fluent-bit-confluence/cmd/confluence-audit/internal/command/simulation"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"confluence-audit": main, "visitor": visitor})
}

// visitor is a command for simulate: it sends Ctrl-C, and sends a request to the site when it is
// told to end.
func visitor() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	if parent, err := os.FindProcess(os.Getppid()); err == nil {
		_ = parent.Signal(os.Interrupt)
	}
	<-end
	answer, err := http.Get(os.Getenv("CONFLUENCE_API_URL") + "/_edge/tenant_info")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	answer.Body.Close()
	fmt.Println("the site answers", answer.Status)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Condition:           condition,
		Setup:               setup, Cmds: scriptCommands,
	})
}

var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){"site": startSite, "echoing": echoing, "lines": countLines, "distinct": distinct, "torn": torn, "expand": expand, "collector": collector, "delivered": delivered, "metrics": fluentBitMetrics, "timeless": timeless, "in-days": inDays, "shorten": shorten}

func setup(env *testscript.Env) error {
	// Scripts do not depend on the Fluent Bit installed here. One that needs it sets FLUENT_BIT.
	env.Setenv("REAL_FLUENT_BIT", realFluentBit())
	env.Setenv("REAL_PLUGIN", realPlugin())
	env.Setenv("FLUENT_BIT", "no-fluent-bit")
	return equip(env)
}

// condition returns whether a condition holds: [host] if there is a real Fluent Bit, [plugin] if
// the plugin was built too.
func condition(name string) (bool, error) {
	switch name {
	case "host":
		return realFluentBit() != "", nil
	case "plugin":
		return realFluentBit() != "" && realPlugin() != "", nil
	}
	return false, fmt.Errorf("there is no condition %s", name)
}

// realFluentBit returns the Fluent Bit of this machine, "" if there is none.
func realFluentBit() string {
	path, err := exec.LookPath(cmp.Or(os.Getenv("FLUENT_BIT"), "fluent-bit"))
	if err != nil {
		return ""
	}
	return path
}

// realPlugin returns the plugin that make build has built, "" if there is none.
func realPlugin() string {
	path, err := filepath.Abs(cmp.Or(os.Getenv("PLUGIN"), "../../build/in_confluence.so"))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return ""
	}
	return path
}

// startSite starts a simulated Confluence, Jira, organization or site with several of them, and sets
// URL to its address and the variables of address and credentials of each:
//
//	site cloud|datacenter [product=confluence|jira|organization|both|all] [records=N] [history=DURATION] [twins=SHARE] [fault=KIND]
//	     [fault-after=KIND:REQUESTS] [fault-once=KIND:REQUESTS]
func startSite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: site cloud|datacenter [option=value...]")
	}
	o := simulate.Options{Deployment: args[0], Product: simulate.Confluence, Records: 100,
		Start: time.Now().Add(-time.Minute), Seed: 1}
	for _, arg := range args[1:] {
		switch key, value, _ := strings.Cut(arg, "="); key {
		case "product":
			o.Product = value
		case "records":
			n, err := strconv.Atoi(value)
			ts.Check(err)
			o.Records = n
		case "history":
			d, ok := config.ParseDuration(value)
			if !ok {
				ts.Fatalf("site: %s is no duration", value)
			}
			o.History = d
		case "twins":
			share, err := strconv.ParseFloat(value, 64)
			ts.Check(err)
			o.Twins = share
		case "fault":
			o.Faults = append(o.Faults, simulate.Fault{Kind: simulate.FaultKind(value)})
		case "fault-after":
			kind, after, _ := strings.Cut(value, ":")
			n, err := strconv.Atoi(after)
			ts.Check(err)
			o.Faults = append(o.Faults, simulate.Fault{Kind: simulate.FaultKind(kind), After: n})
		case "fault-once":
			kind, after, _ := strings.Cut(value, ":")
			n, err := strconv.Atoi(after)
			ts.Check(err)
			o.Faults = append(o.Faults, simulate.Fault{Kind: simulate.FaultKind(kind), After: n, Count: 1})
		default:
			ts.Fatalf("site: there is no %s", key)
		}
	}
	site, handler := simulation.Play(o)
	server := httptest.NewServer(handler)
	ts.Defer(server.Close)
	ts.Setenv("URL", server.URL)
	for _, p := range site {
		set := func(key, value string) { ts.Setenv(config.Key{Name: key}.Variable(p.Product), value) }
		set("api_url", server.URL+p.ContextPath)
		if p.Product == simulate.Organization {
			set("org_id", p.Simulator.OrgID())
			set("api_key", p.Simulator.Credentials().APIKey)
			continue
		}
		set("gateway_url", server.URL)
		set("token_url", server.URL+"/oauth/token")
		if o.Deployment == simulate.Cloud {
			set("user_identifier", "admin@example.com")
			set("api_token", "unscoped-token")
		} else {
			set("personal_access_token", "personal-access-token")
		}
	}
}

// echoing starts a server that refuses every request and repeats what it was sent, in several
// spellings: echoing.
func echoing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: echoing")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Authorization")
		user, password, _ := r.BasicAuth()
		all := strings.Join([]string{sent, user, password, url.QueryEscape(sent), strings.ToUpper(password), hex.EncodeToString([]byte(password)),
			strings.Join(strings.Split(password, ""), "\u200b")}, " | ")
		w.Header().Set("Atl-Traceid", url.QueryEscape(all))
		w.Header().Set("Warning", "299 - \""+url.QueryEscape(sent)+"\"")
		w.Header().Set("X-Failure-Category", password)
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": all})
	}))
	ts.Defer(server.Close)
	ts.Setenv("CONFLUENCE_API_URL", server.URL)
	ts.Setenv("CONFLUENCE_GATEWAY_URL", server.URL)
}

// collector opens a state file for the site until the end of the script, as a running input does:
// collector FILE.
func collector(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: collector FILE")
	}
	file, err := state.Open(ts.MkAbs(args[0]), ts.Getenv("URL"))
	ts.Check(err)
	ts.Defer(func() { file.Close() })
}

// countLines requires a number of lines: lines FILE N.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if got := fmt.Sprint(strings.Count(ts.ReadFile(args[0]), "\n")); got != args[1] {
		ts.Fatalf("%s has %s lines, want %s", args[0], got, args[1])
	}
}

// expand replaces variables in a file by their values: expand FILE.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

// torn appends a part of a line to a file, as after a kill during a write: torn FILE.
func torn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: torn FILE")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteString(`{"creationDate":17`)
	ts.Check(errors.Join(err, f.Close()))
}

// equip gives each script three files: a chunk of Fluent Bit's buffer and a rejected one, both
// written by Fluent Bit, and for ttyin the file nothing, with only the end of input. A terminal
// would echo anything else, at any place in the output of the program.
func equip(env *testscript.Env) error {
	// Otherwise each command ends a second late with the race detector.
	env.Setenv("GORACE", "atexit_sleep_ms=50")
	golden := "../../internal/chunk/testdata/"
	err := errors.Join(os.Mkdir(env.WorkDir+"/rejected", 0o700), os.WriteFile(env.WorkDir+"/nothing", []byte{4}, 0o600))
	for from, to := range map[string]string{"rejected.flb": "rejected/confluence.audit_0_siem_0x7f5e57a37260.flb", "buffered.flb": "buffered.flb"} {
		data, readErr := os.ReadFile(golden + from)
		err = errors.Join(err, readErr, os.WriteFile(env.WorkDir+"/"+to, data, 0o600))
	}
	return err
}

// shorten cuts a file to its first bytes: shorten FILE N.
func shorten(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shorten FILE N")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// distinct requires that no event id is in a file twice, and that the times of the records never go
// back.
func distinct(ts *testscript.TestScript, neg bool, args []string) {
	seen := make(map[string]bool)
	last := int64(0)
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var r struct {
			CreationDate int64
			Atlassian    struct {
				EventID string `json:"event_id"`
			}
		}
		ts.Check(json.Unmarshal([]byte(line), &r))
		if seen[r.Atlassian.EventID] {
			ts.Fatalf("event id %s is there twice", r.Atlassian.EventID)
		}
		if r.CreationDate < last {
			ts.Fatalf("%d comes after %d", r.CreationDate, last)
		}
		seen[r.Atlassian.EventID], last = true, r.CreationDate
	}
}
