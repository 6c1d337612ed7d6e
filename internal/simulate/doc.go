// Package simulate is an Atlassian to talk to: Confluence Cloud, the API gateway, the OAuth token
// endpoint and Confluence Data Center as one seeded http.Handler that misbehaves on request.
//
// One Simulator plays one deployment. On Cloud it answers as site, gateway and authorization server
// at once, told apart by path (and by host when Options name hosts), so a single test server can be
// api_url, gateway_url and token_url. Traffic is made from the seed when a request needs it: no
// goroutine runs, and the clock is time.Now, so it works inside testing/synctest bubbles.
//
// Every generated record carries its serial ("SIM-000123") in its own text. Twins are byte for byte
// the same, serial included. What exists can be compared with what a collector delivered through
// Records or GET /_simulate/records.
package simulate
