// Package simulate plays Atlassian's servers for tests and demonstrations: Confluence and Jira on
// Cloud, the API gateway, the OAuth token endpoint, both on Data Center, and the audit log of an
// organization, as seeded http.Handlers that can inject faults.
//
// One Simulator plays one deployment of one product, or an organization; Site joins them to a site. On Cloud a Simulator
// is site, gateway and authorization server at once. It tells them apart by path (and by host when
// Options name hosts), so a single test server can be api_url, gateway_url and token_url. Records
// are generated from the seed when a request needs them. No goroutine runs and the clock is
// time.Now, so it works inside testing/synctest bubbles.
//
// Every generated record has its serial ("SIM-000123") in its text. Twins are equal byte for byte,
// serial included; where records have ids, as on Jira Cloud, they differ in those. Records and
// GET /_simulate/records return all records that exist, to compare them with what a collector has
// delivered.
package simulate
