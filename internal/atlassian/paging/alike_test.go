package paging_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site/sitetest"
)

// A server that lists the same record for every request does not make a walk endless.
func TestSameRecordForEver(t *testing.T) {
	t.Parallel()
	for name, deployment := range map[string]atlassian.Deployment{"Cloud": atlassian.DeploymentCloud, "Server": atlassian.DeploymentDataCenter} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			o := atlassian.Options{APIURL: "https://acme.example.com", Deployment: deployment, Route: atlassian.RouteSite,
				Transport: simulate.InMemory(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/wiki/rest/api/audit" && r.URL.Path != "/rest/api/audit" {
						http.NotFound(w, r)
						return
					}
					requests++
					fmt.Fprint(w, `{"results":[{"creationDate":1700000000000,"summary":"x"}],"start":0,"limit":1,"size":1}`)
				}))}
			if deployment == atlassian.DeploymentCloud {
				o.CloudID = "some-cloud-id"
			}
			c := sitetest.NewClient(t, o)
			err := c.Read(t.Context(), Epoch.Add(-time.Hour), Epoch.Add(time.Hour), func(atlassian.Record) error { return nil })
			if atlassian.CauseOf(err) != atlassian.CauseEndless || requests > 200 {
				t.Errorf("%s: %d requests, error %v", name, requests, err)
			}
		})
	}
}
