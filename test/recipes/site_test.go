package recipes

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/simulate"
)

// site is one product of a simulated site.
type site struct {
	*simulate.Simulator
	product    string
	url        string
	deployment string
}

const orgID = "22222222-3333-4444-8555-666666666666"

// allLogs starts a site that has n records of Confluence, n of Jira, if asked for n of their
// organization, and an awkward one of each.
func allLogs(deployment string, organization bool, n int) ([]site, *httptest.Server) {
	products := []string{simulate.Confluence, simulate.Jira}
	if organization {
		products = append(products, simulate.Organization)
	}
	sites := make([]site, len(products))
	for i, product := range products {
		// Less than the 24 hours of a first run, which begin when Fluent Bit starts.
		o := simulate.Options{Product: product, Deployment: deployment, Records: n, Seed: 5, History: 23 * time.Hour}
		if deployment == simulate.DataCenter && product == simulate.Confluence {
			o.ContextPath = "/confluence" // and Jira is at the root
		}
		if product == simulate.Organization { // which events have names depends on when they come
			o.Faults = []simulate.Fault{{Kind: simulate.FaultNotFound, Path: "/event-actions"}}
		}
		sites[i] = site{Simulator: simulate.New(o), product: product, url: o.ContextPath, deployment: deployment}
		sites[i].Add(simulate.Record{JSON: awkward(product, deployment)})
	}
	handler := simulate.Site(sites[0].Simulator, sites[1].Simulator)
	if organization {
		handler = simulate.WithOrganization(handler, sites[2].Simulator)
	}
	server := httptest.NewServer(handler)
	for i := range sites {
		sites[i].url = server.URL + sites[i].url
		if sites[i].product == simulate.Organization {
			sites[i].url += "/admin/v1/orgs/" + orgID
		}
	}
	return sites, server
}

// awkward returns a record with much text that could break lines, quotes and formats.
func awkward(product, deployment string) []byte {
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	text, _ := json.Marshal("a=b|c\\d \"e\" 'f'\n<g> ${h} %i% 日本 🙂 " + strings.Repeat("long ", 4000))
	switch {
	case deployment == simulate.DataCenter:
		return fmt.Appendf(nil, `{"timestamp":%q,"author":{"name":"Ada","type":"user","id":"1"},"type":{"categoryI18nKey":"audit.logging.category.pages",`+
			`"category":"Pages","actionI18nKey":"audit.logging.summary.page.viewed","action":"Page viewed"},"affectedObjects":[{"name":%s,"type":"Page"}],`+
			`"changedValues":[],"extraAttributes":[],"source":"192.0.2.1"}`, at.Format("2006-01-02T15:04:05.000Z"), text)
	case product == simulate.Organization:
		return fmt.Appendf(nil, `{"id":"00000000-0000-4000-8000-0000000000a1","type":"events","attributes":{"time":%q,"processedAt":%[1]q,"action":"confluence_page_viewed",`+
			`"actor":{"id":"5b10a2844c20165700ede21f","name":"Ada"},"context":[{"id":"1","type":"pages","attributes":{"title":%s}}]},"message":{"content":"Viewed page"}}`, at.Format("2006-01-02T15:04:05.000Z"), text)
	case product == simulate.Jira:
		return fmt.Appendf(nil, `{"id":1,"summary":"Project updated","remoteAddress":"192.0.2.1","authorAccountId":"5b10a2844c20165700ede21f","created":%q,`+
			`"category":"projects","eventSource":"","objectItem":{"id":"10001","name":%s,"typeName":"PROJECT"}}`, at.Format("2006-01-02T15:04:05.000-0700"), text)
	}
	return fmt.Appendf(nil, `{"author":{"type":"user","displayName":"Ada"},"remoteAddress":"192.0.2.1","creationDate":%d,"summary":"Page viewed",`+
		`"category":"Pages","affectedObject":{"name":%s,"objectType":"Page"},"changedValues":[],"associatedObjects":[]}`, at.UnixMilli(), text)
}

// all returns the records that the plugin delivers. Those that Data Center writes about the
// plugin's searches are not among them.
func (s site) all() []simulate.Record {
	return slices.DeleteFunc(slices.Collect(s.Records()), func(r simulate.Record) bool { return strings.HasPrefix(r.Serial, "SEARCH-") })
}

// origin is what the plugin finds out about the site.
func (s site) origin() event.Site {
	from := event.Site{Product: s.product, URL: s.url, Deployment: s.deployment}
	switch {
	case s.product == simulate.Organization:
		from.OrgID = orgID
	case s.deployment == simulate.Cloud:
		from.CloudID = "11111111-2222-4333-8444-555555555555"
	}
	return from
}

// parsed is a record of a site with its event id.
type parsed struct {
	simulate.Record
	id          string
	doc         *document.Document
	fingerprint document.Fingerprint
}

func (s site) parsed() (list []parsed) {
	hasher, origin := document.Hasher{ByID: s.product != simulate.Confluence}, s.origin()
	for _, r := range s.all() {
		var doc document.Document
		doc.Parse(r.JSON)
		fp := hasher.Fingerprint(&doc)
		list = append(list, parsed{r, string(event.AppendEventID(nil, &origin, fp, 0)), &doc, fp})
	}
	return list
}

// rendered returns the event of each record in a schema, by event id.
func (s site) rendered(t *testing.T, format schema.Format) map[string]map[string]any {
	t.Helper()
	encoder, err := schema.Encoder(format, s.origin())
	if err != nil {
		t.Fatal(err)
	}
	events := make(map[string]map[string]any)
	for _, r := range s.parsed() {
		text := encoder.AppendJSON(nil, r.Time, r.doc, event.Meta{Fingerprint: r.fingerprint, Read: time.Now()})
		events[r.id] = decode(t, text).(map[string]any)
		if format.Schema == "raw" {
			mustBeAsSent(t, r.JSON, events[r.id])
		}
	}
	return events
}
