package schema

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/simulate"
)

// simulated returns records of a simulated site, always the same ones.
func simulated(t testing.TB, deployment string, n int) []simulate.Record {
	t.Helper()
	sim := simulate.New(simulate.Options{Deployment: deployment, Seed: 7, Records: n, Start: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC), SiteURL: "https://simulated.atlassian.net"})
	var all []simulate.Record
	for r := range sim.Records() {
		all = append(all, r)
	}
	return all
}

// TestRecorded compares fingerprints and raw events with those that an earlier version made of the
// same records: if they changed in an upgrade, all records within the overlap would be delivered
// again. Each line of the files in testdata/recorded is a digest of a record and its fingerprint,
// or of the raw events of all. Do not record them again after a change in this package. If the
// simulator ever makes other records, which the first column shows, record them with RECORD=1 and a
// version of this package that is known to be right. TestActions and TestShapes do the same for the
// other schemas, with files that people can read.
func TestRecorded(t *testing.T) {
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		at := site
		if deployment == simulate.DataCenter {
			at = dataCenterSite
		}
		var raws [][]byte
		var times []time.Time
		for _, r := range simulated(t, deployment, 300) {
			raws, times = append(raws, r.JSON), append(times, r.Time)
		}
		for _, raw := range actionSamples(t) {
			raws, times = append(raws, raw), append(times, timeOf(raw))
		}
		for _, name := range []string{"cloud", "cloud-system", "datacenter", "datacenter-anonymous"} {
			raws, times = append(raws, samples(t)[name]), append(times, own)
		}
		raws, times = append(raws, []byte(`not JSON`), []byte(`[1.50,"\ud800"]`)), append(times, own, time.Time{})
		requireRecorded(t, deployment, recordOf(t, at, raws, times))
	}
}

// TestRecordedJira is the same for Jira. A record of Jira Cloud is identified by its id, so its
// fingerprint does not follow from the content.
func TestRecordedJira(t *testing.T) {
	for name, at := range map[string]event.Site{"jira-cloud": jiraSite, "jira-datacenter": jiraDataCenterSite} {
		var raws [][]byte
		var times []time.Time
		for _, raw := range jiraSamples(t) {
			if siteOf(raw) == at {
				raws, times = append(raws, raw), append(times, timeOf(raw))
			}
		}
		requireRecorded(t, name, recordOf(t, at, raws, times))
	}
}

// recordOf returns the lines of a file in testdata/recorded.
func recordOf(t *testing.T, at event.Site, raws [][]byte, times []time.Time) string {
	t.Helper()
	var got strings.Builder
	hasher := hasherOf(at)
	var fps []document.Fingerprint
	docs := make([]document.Document, len(raws))
	for i, raw := range raws {
		docs[i].Parse(raw)
		fp := hasher.Fingerprint(&docs[i])
		fps = append(fps, fp)
		digest := sha256.Sum256(raw)
		fmt.Fprintf(&got, "%x %x\n", digest[:4], fp)
	}
	e := encoderOf(t, "raw", false, at)
	inMsgpack, inJSON := sha256.New(), sha256.New()
	for i := range docs {
		meta := event.Meta{Fingerprint: fps[i], Occurrence: i % 2, Read: read, Late: time.Duration(i%3) * time.Hour}
		inMsgpack.Write(e.Append(nil, times[i], &docs[i], meta))
		inJSON.Write(e.AppendJSON(nil, times[i], &docs[i], meta))
	}
	sum := func(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:16]) }
	fmt.Fprintf(&got, "raw %s %s\n", sum(inMsgpack), sum(inJSON))
	return got.String()
}

func requireRecorded(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "recorded", name+".txt")
	if os.Getenv("RECORD") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(strings.NewReader(got))
	for n, want := range strings.Split(strings.TrimSpace(string(want)), "\n") {
		if lines.Scan(); lines.Text() != want {
			t.Errorf("%s, line %d: got %s, want %s", path, n+1, lines.Text(), want)
		}
	}
	if lines.Scan() {
		t.Errorf("%s has fewer lines than there are records", path)
	}
}
