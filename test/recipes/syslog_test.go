package recipes

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

// rfc5424 is the header of RFC 5424 up to the message: priority, time, host, application, process,
// message id, no structured data.
var rfc5424 = regexp.MustCompile(`^<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) - (?s:(.*))$`)

// syslogServer listens with TLS and reads one message a line. app is the application of a message
// by its id.
func (a *arrivals) syslogServer(t *testing.T, app func(id string) string) map[string]string {
	t.Helper()
	server := authorityOf()
	if server.problems != nil {
		t.Fatal(server.problems)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{server.cert}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go a.messages(connection, app)
		}
	}()
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	ca, _, _ := server.files(t)
	return map[string]string{"SYSLOG_HOST": host, "SYSLOG_PORT": port, "CA_FILE": ca}
}

func (a *arrivals) messages(connection net.Conn, app func(id string) string) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := rfc5424.FindStringSubmatch(lines.Text())
		if parts == nil {
			a.mistake("no message of RFC 5424: %.200q", lines.Text())
			continue
		}
		a.require("priority", parts[1], "110") // log audit (13), informational (6)
		if _, err := time.Parse(time.RFC3339Nano, parts[2]); err != nil {
			a.mistake("time: %v", err)
		}
		a.require("host", parts[3], "atlassian")
		a.require("application", parts[4], app(parts[6]))
		a.take(parts[6], strings.TrimPrefix(parts[7], "\ufeff"))
	}
}

func TestSyslog(t *testing.T) {
	eachForm(t, "syslog", func(r *recipe) {
		var got arrivals
		products := r.products()
		r.start(got.syslogServer(r.T, func(id string) string { return products[id] }))
		got.wantAll(r.T, r.originals())
	})
}

func TestSyslogCEF(t *testing.T) {
	eachForm(t, "syslog-cef", func(r *recipe) {
		var got arrivals
		r.start(got.syslogServer(r.T, func(string) string { return "CEF" }))
		want, products := make(map[string]any), r.products()
		for id, event := range r.rendered(ecs) {
			want[id] = cefOf(event, products[id])
		}
		got.await(r.T, len(want))
		got.rewrite(func(line any) any {
			fields, err := parseCEF(line.(string))
			if err != nil {
				r.Error(err)
			}
			return fields
		})
		got.wantAll(r.T, want)
	})
}

// cefOf returns the fields that the CEF line of an event must have.
func cefOf(event map[string]any, product string) map[string]string {
	first := func(list any) map[string]any {
		if items, _ := list.([]any); len(items) > 0 {
			members, _ := items[0].(map[string]any)
			return members
		}
		return nil
	}
	if product == simulate.Organization {
		product = "atlassian_cloud"
	}
	audit := event[product].(map[string]any)["audit"].(map[string]any)
	object := first(audit["affected_objects"])
	severity := map[string]string{"1": "1", "2": "3", "3": "6", "4": "8"}[fmt.Sprint(event["event"].(map[string]any)["severity"])]
	stamp, _ := time.Parse(time.RFC3339Nano, at(event, "@timestamp"))
	host := ""
	if related, ok := event["related"].(map[string]any)["hosts"].([]any); ok {
		host = related[0].(string)
	}
	fields := map[string]string{
		"version": "CEF:0", "vendor": "Atlassian", "product": at(event, "observer", "product"), "deviceVersion": at(audit, "atlassian", "deployment"),
		"class": at(event, "event", "code"), "name": at(event, "event", "action"), "severity": severity,
		"rt": fmt.Sprint(stamp.UnixMilli()), "externalId": at(event, "event", "id"), "act": at(event, "event", "code"),
		"cat": at(audit, "type", "category"), "outcome": at(event, "event", "outcome"), "suid": at(event, "user", "id"), "suser": at(event, "user", "full_name"),
		"duid": at(event, "user", "target", "id"), "duser": at(event, "user", "target", "full_name"), "src": at(event, "source", "ip"),
		"request": at(event, "url", "full"), "dvchost": host, "fname": at(object, "name"), "fileType": at(object, "type"),
		"cs1": at(event, "group", "name"), "cs2": at(audit, "atlassian", "site"),
	}
	for _, custom := range [][2]string{{"cs1", "Group"}, {"cs2", "Site"}} {
		if fields[custom[0]] != "" {
			fields[custom[0]+"Label"] = custom[1]
		}
	}
	for key, value := range fields {
		if value == "" {
			delete(fields, key)
		}
	}
	return fields
}

var (
	cefPipe = regexp.MustCompile(`(?:[^\\|]|\\.)*`)
	cefKey  = regexp.MustCompile(`(?:^| )(\w+)=`)
)

// parseCEF reads a line by "Implementing ArcSight Common Event Format", version 26.
func parseCEF(line string) (map[string]string, error) {
	fields := make(map[string]string)
	rest := line
	for _, name := range []string{"version", "vendor", "product", "deviceVersion", "class", "name", "severity"} {
		value := cefPipe.FindString(rest)
		if len(value) >= len(rest) {
			return nil, fmt.Errorf("no field %s in %.200q", name, line)
		}
		fields[name] = strings.NewReplacer(`\|`, "|", `\\`, `\`).Replace(value)
		rest = rest[len(value)+1:]
	}
	keys := cefKey.FindAllStringSubmatchIndex(rest, -1)
	for i, key := range keys {
		end := len(rest)
		if i+1 < len(keys) {
			end = keys[i+1][0]
		}
		fields[rest[key[2]:key[3]]] = strings.NewReplacer(`\=`, "=", `\n`, "\n", `\\`, `\`).Replace(rest[key[1]:end])
	}
	return fields, nil
}

// Special characters in values do not break a CEF line.
func TestParseCEF(t *testing.T) {
	got, err := parseCEF(`CEF:0|Atlassian|Confluence|cloud|page.viewed|a \| b \\|3|act=x\=y suser=A B\nC`)
	want := map[string]string{"version": "CEF:0", "vendor": "Atlassian", "product": "Confluence", "deviceVersion": "cloud", "class": "page.viewed",
		"name": `a | b \`, "severity": "3", "act": "x=y", "suser": "A B\nC"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}
