package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/event/ocsf"
	"fluent-bit-confluence/internal/schema"
)

// Key is one row of the table.
type Key struct {
	Name     string   // as in Fluent Bit's configuration, such as api_url
	Kind     string   // kind of value, one word, for the command line's help
	Default  string   // as an operator writes it; "" for none
	Help     string   // what the key does, in the documentation's Markdown
	Values   []string // the allowed values; nil when they cannot be listed
	Required bool
	Secret   bool // the value is never printed

	apply apply
}

// read sets the field of a key. Its error says which values are allowed.
func (k Key) read(s *Settings, value string) error {
	if k.Values != nil && !slices.Contains(k.Values, strings.ToLower(value)) {
		return fmt.Errorf("want %s", list(k.Values, "or"))
	}
	return k.apply(s, value)
}

// Keys returns a copy of the table, in alphabetical order.
func Keys() []Key { return slices.Clone(keys[:]) }

// lookup finds a key by its name.
func lookup(name string) (Key, bool) {
	for _, key := range keys {
		if key.Name == name {
			return key, true
		}
	}
	return Key{}, false
}

//go:generate go test -run TestDocumentation -update

// Keys must not collide with those that Fluent Bit reserves: host, port, tag, tls.*, net.*, oauth2*
// and others. A test checks each with package fluentbit.
var keys = [...]Key{
	{
		Name: "allow_http", Kind: "bool", Default: "off",
		Help:  "Accept an `http://` address for hosts other than loopback. The credential then crosses the network unencrypted.",
		apply: boolean(func(s *Settings) *bool { return &s.AllowHTTP }),
	},
	{
		Name: "api_key", Kind: "text", Secret: true,
		Help:  "API key of the organization, for `product organization`; its scope is `read:events:admin`. Better use `api_key_file` or an environment variable.",
		apply: secret(func(s *Settings) *atlassian.Secret { return &s.apiKey }),
	},
	{
		Name: "api_key_file", Kind: "file",
		Help:  "File that holds `api_key`. It is read again when it changes and when Atlassian refuses the key.",
		apply: secretFile(func(s *Settings) *atlassian.Secret { return &s.apiKey }),
	},
	{
		Name: "api_token", Kind: "text", Secret: true,
		Help:  "API token of the Atlassian account, with or without scopes. On Data Center: the password of `user_identifier`. Better use `api_token_file` or an environment variable.",
		apply: secret(func(s *Settings) *atlassian.Secret { return &s.APIToken }),
	},
	{
		Name: "api_token_file", Kind: "file",
		Help:  "File that holds `api_token`, such as a Docker or Kubernetes secret. It is read again when it changes and when Atlassian refuses the token.",
		apply: secretFile(func(s *Settings) *atlassian.Secret { return &s.APIToken }),
	},
	{
		Name: "api_url", Kind: "url", Required: true,
		Help:  "Base URL of Confluence or Jira without paths: `https://acme.atlassian.net`. On Data Center with the context path: `https://wiki.example.com/confluence`. A trailing `/`, and `/wiki` for Confluence or `/jira` for Jira, is accepted. With `product organization` the default is `https://api.atlassian.com`.",
		apply: address(func(s *Settings) *string { return &s.APIURL }),
	},
	{
		Name: "backfill_requests", Kind: "number", Default: "4",
		Help:  "How many requests for old records may be under way at the same time, `1` to `16`. A backfill begins with one, takes more while the site answers quickly, and goes back to one when the site limits requests, fails or becomes slow. New records come first.",
		apply: integer(1, 16, func(s *Settings) *int { return &s.BackfillRequests }),
	},
	{
		Name: "ca_file", Kind: "file",
		Help:  "PEM file with certificate authorities to trust in addition to those of the system.",
		apply: certificates(func(s *Settings) *string { return &s.CAFile }),
	},
	{
		Name: "client_id", Kind: "text",
		Help:  "OAuth 2.0 client id of an Atlassian service account, together with `client_secret`. Cloud only.",
		apply: text(func(s *Settings) *string { return &s.ClientID }),
	},
	{
		Name: "client_secret", Kind: "text", Secret: true,
		Help:  "OAuth 2.0 client secret of the service account.",
		apply: secret(func(s *Settings) *atlassian.Secret { return &s.ClientSecret }),
	},
	{
		Name: "client_secret_file", Kind: "file",
		Help:  "File that holds `client_secret`. It is read again when it changes and when Atlassian refuses the secret.",
		apply: secretFile(func(s *Settings) *atlassian.Secret { return &s.ClientSecret }),
	},
	{
		Name: "cloud_id", Kind: "id",
		Help:  "Id of the Cloud site, a UUID. Without it the input asks the site.",
		apply: cloudID,
	},
	{
		Name: "db", Kind: "file",
		Help:  "State file: the checkpoint and the fingerprints of delivered records. Without it a restart begins at `start_from` again. Each input needs its own file. Or a PostgreSQL database, `postgres://user@host:5432/database`: processes with the same inputs can share it, see [scale](scale.md).",
		apply: stateOf,
	},
	{
		Name: "db_password_file", Kind: "file",
		Help:  "File that holds the password for `db postgres://...`. Without it the variables `PGPASSWORD` and `PGPASSFILE` apply.",
		apply: secretFile(func(s *Settings) *atlassian.Secret { return &s.DatabasePassword }),
	},
	{
		Name: "deployment", Kind: "name", Default: "auto", Values: []string{"auto", "cloud", "datacenter"},
		Help:  "Kind of the product. `auto` asks the server.",
		apply: choice(func(s *Settings, v string) { s.Deployment = atlassian.Deployment(v) }),
	},
	{
		Name: "fleet_max_sites", Kind: "number", Default: "0",
		Help:  "The most inputs with `db postgres://...` that this process reads; `0`: no limit. Set it to the same in all inputs of the process.",
		apply: integer(0, 100_000, func(s *Settings) *int { return &s.FleetMaxSites }),
	},
	{
		Name: "gateway_url", Kind: "url",
		Help:  "Base URL of Atlassian's API gateway. By default the one for the site's domain: `https://api.atlassian.com` for `*.atlassian.net`, `https://api.atlassian-us-gov-mod.com` for `*.atlassian-us-gov-mod.net`. For other domains there is no default: unless this is set, credentials go to the site only.",
		apply: address(func(s *Settings) *string { return &s.GatewayURL }),
	},
	{
		Name: "health_records", Kind: "bool", Default: "off",
		Help:  "Deliver records about the input itself too: start, heartbeat, access lost and regained, rate limited, gap, silence, token about to expire. Their category is `Collector`, see [schemas](schemas.md).",
		apply: boolean(func(s *Settings) *bool { return &s.HealthRecords }),
	},
	{
		Name: "include_audit_searches", Kind: "bool", Default: "off",
		Help:  "Deliver the records that Data Center writes each time the input reads the audit log.",
		apply: boolean(func(s *Settings) *bool { return &s.IncludeAuditSearches }),
	},
	{
		Name: "include_raw", Kind: "bool", Default: "off",
		Help:  "Add the record as Atlassian sent it, as text, to the event. Has no effect with `schema raw`.",
		apply: boolean(func(s *Settings) *bool { return &s.IncludeRaw }),
	},
	{
		Name: "mirrored", Kind: "bool", Default: "on",
		Help:  "With `product organization`: deliver also the events that Confluence or Jira have in their own audit logs. Such an event has `mirrored` in the object `atlassian`. Set it to `off` if you have inputs for the products too: their records say more.",
		apply: boolean(func(s *Settings) *bool { return &s.Mirrored }),
	},
	{
		Name: "ocsf_version", Kind: "name", Default: ocsf.Versions()[0], Values: ocsf.Versions(),
		Help:  "Release of OCSF for `schema ocsf`, see [schemas](schemas.md#ocsf). Some consumers, such as Amazon Security Lake, need an older one.",
		apply: choice(func(s *Settings, v string) { s.OCSFVersion = v }),
	},
	{
		Name: "org_id", Kind: "id",
		Help:  "Id of the organization, for `product organization`: what stands behind `/o/` in the address of admin.atlassian.com. Without it the input asks Atlassian which organization the key lists; a key that is bound to one organization lists none.",
		apply: orgID,
	},
	{
		Name: "overlap", Kind: "duration", Default: "10m",
		Help:  "Look-back window: how far each poll looks back for records that the site shows late. Records already delivered are left out.",
		apply: duration(0, func(s *Settings) *time.Duration { return &s.Overlap }),
	},
	{
		Name: "page_size", Kind: "number", Default: "1000",
		Help:  "Records per request, `2` to `100000`, of an organization at most 500. The server can answer with fewer. If a page takes too long or is too large, the input asks for shorter ones.",
		apply: integer(atlassian.MinPageSize, atlassian.MaxPageSize, func(s *Settings) *int { return &s.PageSize }),
	},
	{
		Name: "personal_access_token", Kind: "text", Secret: true,
		Help:  "Personal access token. Data Center only. When set, `user_identifier` and `api_token` are ignored.",
		apply: secret(func(s *Settings) *atlassian.Secret { return &s.PersonalAccessToken }),
	},
	{
		Name: "personal_access_token_file", Kind: "file",
		Help:  "File that holds `personal_access_token`. It is read again when it changes and when the server refuses the token.",
		apply: secretFile(func(s *Settings) *atlassian.Secret { return &s.PersonalAccessToken }),
	},
	{
		Name: "poll_interval", Kind: "duration", Default: "60s",
		Help:  "Time from one poll to the next, at least `1s`: seconds without a unit, or a number with `s`, `m`, `h`, `d` or `w`.",
		apply: duration(time.Second, func(s *Settings) *time.Duration { return &s.PollInterval }),
	},
	{
		Name: productKey, Kind: "name", Default: DefaultProduct, Values: Products(),
		Help:  "Whose audit log to read: one input reads one. A Cloud site has Confluence and Jira at one `api_url`. `organization` is the log of the organization, see [organization](organization.md).",
		apply: choice(func(s *Settings, v string) { s.Product = products[v] }),
	},
	{
		Name: "proxy", Kind: "url", Secret: true,
		Help:  "URL of a proxy: `http://`, `https://` or `socks5://`, with user and password if the proxy needs them. Without it the environment variables `HTTPS_PROXY` and `HTTP_PROXY` apply. `NO_PROXY` applies in both cases.",
		apply: proxy,
	},
	{
		Name: "rescan_interval", Kind: "duration", Default: "6h",
		Help:  "Time from one deep rescan to the next. A deep rescan finds records that were written with a time in the past.",
		apply: duration(time.Minute, func(s *Settings) *time.Duration { return &s.RescanInterval }),
	},
	{
		Name: "rescan_window", Kind: "duration", Default: "48h",
		Help:  "How far a deep rescan looks back, at least `overlap`. With `product organization`: how far before the last event the stream begins again if Atlassian does not know the cursor any more.",
		apply: duration(0, func(s *Settings) *time.Duration { return &s.RescanWindow }),
	},
	{
		Name: "route", Kind: "name", Default: "auto", Values: []string{"auto", "site", "gateway"},
		Help:  "Where to call the API of Cloud. Tokens without scopes work at the site only, tokens with scopes and service accounts at the gateway only. `auto` finds out.",
		apply: choice(func(s *Settings, v string) { s.Route = atlassian.Route(v) }),
	},
	{
		Name: "schema", Kind: "name", Default: "raw", Values: schema.Names(),
		Help:  "Shape of the events. `raw` is the record as Atlassian sent it, plus the object `atlassian`. The others are those of Elastic (ECS), OCSF, Microsoft Sentinel (ASIM) and Splunk (CIM).",
		apply: choice(func(s *Settings, v string) { s.Schema = v }),
	},
	{
		Name: "start_from", Kind: "time", Default: "24h",
		Help:  "Where the first run begins: a duration back with its unit (`m`, `h`, `d`, `w`) such as `24h` or `30d`, a date such as `2026-11-01` (midnight UTC), an RFC 3339 time, `now`, or `all` for everything the site keeps. Later runs begin at the checkpoint in the state file.",
		apply: startFrom,
	},
	{
		Name: "timeout", Kind: "duration", Default: "60s",
		Help:  "Longest time for one request, at least `1s`.",
		apply: duration(time.Second, func(s *Settings) *time.Duration { return &s.Timeout }),
	},
	{
		Name: "tls_verify", Kind: "bool", Default: "on",
		Help:  "Verify the server's certificate. `off` accepts any certificate: anybody on the network path can then read the credential.",
		apply: inverse(func(s *Settings) *bool { return &s.SkipTLSVerify }),
	},
	{
		Name: "token_expires", Kind: "date",
		Help:  "Day on which the credential expires, such as `2027-03-31`. The log warns 30, 14, 7, 3 and 1 days ahead.",
		apply: date(func(s *Settings) *time.Time { return &s.TokenExpires }),
	},
	{
		Name: "token_url", Kind: "url",
		Help:  "Address that exchanges `client_id` and `client_secret` for an access token. The default depends on the site's domain, as for `gateway_url`: `https://auth.atlassian.com/oauth/token` for `*.atlassian.net`.",
		apply: address(func(s *Settings) *string { return &s.TokenURL }),
	},
	{
		Name: "user_identifier", Kind: "text",
		Help:  "E-mail address of the Atlassian account on Cloud, user name on Data Center. Not needed with the API token of a service account.",
		apply: text(func(s *Settings) *string { return &s.UserIdentifier }),
	},
}
