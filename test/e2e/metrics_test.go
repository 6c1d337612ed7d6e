package e2e

import (
	"bufio"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/pipeline"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// Every metric of the table is on Fluent Bit's own endpoint, and changes when something happens.
// For inputs that share a thread, a second label has only values with a count.
func TestMetrics(t *testing.T) {
	for _, threaded := range []string{"on", "off"} {
		t.Run("threaded "+threaded, func(t *testing.T) {
			t.Parallel()
			testMetrics(t, threaded)
		})
	}
}

func testMetrics(t *testing.T, threaded string) {
	s := newSite(t, simulate.Options{Seed: 70, Records: 200, Twins: 0.1})
	receiver := newReceiver(t)
	port := rigtest.FreePort(t)
	f := newInstance(t, rig.Config{
		Service: rig.Service().With(rig.Keys{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)}),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"alias": "acme", "threaded": threaded, "start_from": "25h", "token_expires": "2999-01-01"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	awaitAll(t, receiver, s)
	address := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
	now := func(name string) float64 { return scrape(t, address)["fluentbit_confluence_"+name] }

	rigtest.Await(t, "the metrics", func() bool { return now(`records_total{name="acme"}`) >= 200 && now(`up{name="acme"}`) == 1 })
	all := scrape(t, address)
	for _, m := range pipeline.Metrics {
		values := m.Values
		if m.Label == "" {
			values = []string{""}
		}
		for _, v := range values {
			name := m.Name
			if m.Kind == pipeline.Histogram {
				name += "_count"
			}
			series := fmt.Sprintf(`fluentbit_confluence_%s{name="acme"}`, name)
			if m.Label != "" {
				series = fmt.Sprintf(`fluentbit_confluence_%s{name="acme",%s=%q}`, m.Name, m.Label, v)
			}
			if m.Name == "build_info" { // the plugin may have another version than this test
				series = `fluentbit_confluence_build_info{name="acme",version=`
			}
			there := slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(s string) bool { return strings.HasPrefix(s, series) })
			if (m.Name == "failures_total" || m.Name == "failing") && threaded == "off" {
				if there {
					t.Errorf("there is %s, and nothing has failed", series)
				}
			} else if optional := (m.Name == "requests_total" || m.Name == "processing_seconds" || m.Name == "product" && v != "confluence") && threaded == "off"; !there && !optional {
				t.Errorf("there is no %s", series)
			}
		}
	}
	for _, series := range []string{`newest_record_timestamp_seconds{name="acme"}`, `last_poll_timestamp_seconds{name="acme"}`, `requests_total{name="acme",status="2xx"}`} {
		if now(series) == 0 {
			t.Errorf("%s is 0", series)
		}
	}

	// The site's records are spread over a day.
	rigtest.Await(t, "all hand-overs in the histogram", func() bool {
		return now(`hand_over_seconds_count{name="acme"}`) == now(`acknowledged_records_total{name="acme"}`)
	})
	day, all25 := now(`hand_over_seconds_bucket{le="86400.0",name="acme"}`), now(`hand_over_seconds_bucket{le="+Inf",name="acme"}`)
	if hour := now(`hand_over_seconds_bucket{le="3600.0",name="acme"}`); hour <= 0 || hour >= day || day > all25 || all25 != now(`hand_over_seconds_count{name="acme"}`) {
		t.Errorf("%v of %v records were handed over within a day, %v within an hour", day, all25, hour)
	}
	if sum := now(`hand_over_seconds_sum{name="acme"}`); sum < 200*60 || sum > 25*3600*all25 {
		t.Errorf("the sum of all ages is %v s", sum)
	}

	if err := s.SetFaults(simulate.Fault{Kind: simulate.FaultServerError}); err != nil {
		t.Fatal(err)
	}
	rigtest.Await(t, "failures", func() bool {
		return now(`failures_total{name="acme",cause="server-error"}`) > 0 && now(`requests_total{name="acme",status="5xx"}`) > 0 && now(`up{name="acme"}`) == 0 &&
			now(`failing{name="acme",cause="server-error"}`) == 1
	})
	if err := s.SetFaults(); err != nil {
		t.Fatal(err)
	}
	rigtest.Await(t, "recovery", func() bool {
		return now(`up{name="acme"}`) == 1 && now(`failing{name="acme",cause="server-error"}`) == 0
	})
	f.stop()
}

func scrape(t *testing.T, address string) map[string]float64 {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	series := make(map[string]float64)
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok && !strings.HasPrefix(name, "#") {
			series[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	return series
}

// served makes Fluent Bit serve its metrics with the keys of service, and returns a function that
// reads one: ours by its short name, or the host's for its first output.
func served(t *testing.T) (metric func(name string) float64, service rig.Keys) {
	t.Helper()
	port := strconv.Itoa(rigtest.FreePort(t))
	metric = func(name string) float64 {
		series := fmt.Sprintf(`fluentbit_confluence_%s{name="confluence.0"}`, name)
		if strings.HasPrefix(name, "fluentbit_output") {
			series = name + `{name="http.0"}`
		}
		return scrape(t, "http://127.0.0.1:"+port+"/api/v2/metrics/prometheus")[series]
	}
	return metric, rig.Keys{"http_server": "on", "http_listen": "127.0.0.1", "http_port": port}
}

// An input that Fluent Bit has paused still updates its metrics, and logs that it waits.
func TestPausedIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t, simulate.Options{Seed: 71, Records: 12_000})
	receiver := newReceiver(t)
	receiver.Be(rig.Refuses)
	metrics, port := served(t)
	f := newInstance(t, rig.Config{
		Service: rig.Service().With(port),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"start_from": "48h", "mem_buf_limit": "1M"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	f.AwaitLog("paused (mem buf overlimit", 1)
	f.AwaitLog("has paused this input", 1)
	// Fluent Bit serves metrics that its main thread has collected some time before.
	rigtest.Await(t, "the metrics of an input that waits", func() bool {
		taken := metrics("acknowledged_records_total")
		return taken > 0 && metrics("records_total") > taken && metrics("up") == 0
	})
	s.Add(simulate.Record{})
	receiver.Be(rig.Takes)
	f.AwaitLog("Fluent Bit takes records again", 1)
	wantOnce(t, awaitAll(t, receiver, s))
	rigtest.Await(t, "up to go up", func() bool {
		return metrics("up") == 1 && metrics("acknowledged_records_total") == metrics("records_total")
	})
	f.stop()
}

// With threaded off, Fluent Bit does not call an input that it has paused. Fluent Bit's own log
// line and metric show the pause. Afterwards all records are delivered.
func TestPausedIsLoggedByFluentBit(t *testing.T) {
	t.Parallel()
	s := newSite(t, simulate.Options{Seed: 72, Records: 6000})
	receiver := newReceiver(t)
	receiver.Be(rig.Refuses)
	port := strconv.Itoa(rigtest.FreePort(t))
	f := newInstance(t, rig.Config{
		Service: rig.Service().With(rig.Keys{"http_server": "on", "http_listen": "127.0.0.1", "http_port": port}),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"start_from": "48h", "mem_buf_limit": "1M", "threaded": "off"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	f.AwaitLog("paused (mem buf overlimit", 1)
	rigtest.Await(t, "Fluent Bit's metric", func() bool {
		return scrape(t, "http://127.0.0.1:"+port+"/api/v2/metrics/prometheus")[`fluentbit_input_ingestion_paused{name="confluence.0"}`] == 1
	})
	receiver.Be(rig.Takes)
	wantOnce(t, awaitAll(t, receiver, s))
	f.stop()
}
