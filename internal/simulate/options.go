package simulate

import (
	"cmp"
	"time"
)

// The deployments a Simulator can play.
const (
	Cloud      = "cloud"
	DataCenter = "datacenter"
)

// Options describe one product of a site and how it behaves. The zero value is an empty Confluence
// on Cloud with the default credentials.
type Options struct {
	Product    string        // Confluence (default), Jira or Organization
	Deployment string        // Cloud (default) or DataCenter
	Seed       uint64        // decides every generated record, its time and every probability
	Records    int           // records at the start, twins included, spread over History
	History    time.Duration // default 24h
	// Start is the end of the history and the start of live traffic; default: the server's clock in
	// New.
	Start time.Time

	// Ordinary makes all generated records those of ordinary work: administrators administer, the
	// others write. Nothing in them is what detections look for. Without it, all kinds of records
	// come equally often.
	Ordinary bool
	// Attack is the name of one of Attacks, empty for none. Its records end at Start.
	Attack string

	Rate float64 // live records per second; 0 = none
	Late float64 // share 0..1 of live records that are shown only after their own time
	// LateBy is the upper bound of that delay: default 5m, 10s on Jira Data Center, whose records
	// are late by 1s at least.
	LateBy time.Duration
	// Backdated is the share 0..1 of live records whose own time lies in the past, as Confluence's
	// POST /audit allows.
	Backdated   float64
	BackdatedBy time.Duration // upper bound of that, default 24h
	// Twins is the share 0..1 of generated records that have an identical twin in the same
	// millisecond. Where records have an id, twins differ in it.
	Twins float64

	// PageCap is the upper bound of the limit that a client may ask for; 0 = Atlassian's (none on
	// Confluence Cloud, 1,000 on Jira Cloud, 100,000 on Data Center).
	PageCap     int
	ContextPath string // Data Center, e.g. "/confluence"
	// Legacy is a Data Center that has only the old API: /rest/api/audit of Confluence,
	// /rest/api/2/auditing/record of Jira.
	Legacy bool
	// Retention is the age from which records are not shown; default 365 days on Cloud, 3 years on
	// Data Center, 180 days of an organization.
	Retention time.Duration
	Coverage  string // Data Center: level of every area, default "base"
	CloudID   string // default "11111111-2222-4333-8444-555555555555"
	OrgID     string // of an organization, default "22222222-3333-4444-8555-666666666666"
	// SiteURL is the base URL that the site has configured, without path; default: the request's
	// host, https://simulated.atlassian.net behind the gateway.
	SiteURL     string
	SiteHost    string        // when set, only requests to this host reach the site
	GatewayHost string        // the same for the gateway
	AuthHost    string        // the same for the token endpoint
	TokenLife   time.Duration // life of an OAuth access token, default 60m

	Credentials Credentials
	Skew        time.Duration // how far the server's clock is ahead of time.Now
	Latency     time.Duration // waited before every answer
	Faults      []Fault
}

// Credentials are those that the simulator accepts. An empty field takes the default in its
// comment. The default tokens with scopes are for one product: the other one knows them, and says
// that their scope does not match.
type Credentials struct {
	User                string    // "admin@example.com" on Cloud, "admin" on Data Center
	Token               string    // "unscoped-token": Basic with User, at the site only
	ScopedToken         string    // "scoped-token", for Jira "scoped-jira-token": Basic with User, at the gateway only
	ServiceUser         string    // "robot@serviceaccount.atlassian.com"
	ServiceToken        string    // "service-token", for Jira "service-jira-token": Basic with ServiceUser or Bearer alone, at the gateway only
	ClientID            string    // "client-id"
	ClientSecret        string    // "client-secret"
	Password            string    // "password": Data Center, Basic with User
	PersonalAccessToken string    // "personal-access-token": Data Center, Bearer
	APIKey              string    // "org-key": Bearer, of one organization, for its events
	WideKey             string    // "admin-key": Bearer, of the administrator, for all APIs
	Expires             time.Time // from then on every credential above is refused; zero = never
}

func (c Credentials) withDefaults(o Options) Credentials {
	user := "admin@example.com"
	if o.Deployment == DataCenter {
		user = "admin"
	}
	c.User = cmp.Or(c.User, user)
	c.Token = cmp.Or(c.Token, "unscoped-token")
	c.ScopedToken = cmp.Or(c.ScopedToken, products[o.Product].scopedToken)
	c.ServiceUser = cmp.Or(c.ServiceUser, "robot@serviceaccount.atlassian.com")
	c.ServiceToken = cmp.Or(c.ServiceToken, products[o.Product].serviceToken)
	c.ClientID = cmp.Or(c.ClientID, "client-id")
	c.ClientSecret = cmp.Or(c.ClientSecret, "client-secret")
	c.Password = cmp.Or(c.Password, "password")
	c.PersonalAccessToken = cmp.Or(c.PersonalAccessToken, "personal-access-token")
	c.APIKey = cmp.Or(c.APIKey, "org-key")
	c.WideKey = cmp.Or(c.WideKey, "admin-key")
	return c
}

func (o Options) withDefaults() Options {
	day := 24 * time.Hour
	retention, late := 365*day, 5*time.Minute
	if o.Product == Organization {
		retention = 180 * day
	}
	if o.Deployment == DataCenter {
		retention *= 3
		if o.Product == Jira {
			late = 10 * time.Second
		}
	}
	o.Product = cmp.Or(o.Product, Confluence)
	o.OrgID = cmp.Or(o.OrgID, "22222222-3333-4444-8555-666666666666")
	o.Deployment = cmp.Or(o.Deployment, Cloud)
	o.History = cmp.Or(o.History, day)
	o.LateBy = cmp.Or(o.LateBy, late)
	o.BackdatedBy = cmp.Or(o.BackdatedBy, day)
	o.Retention = cmp.Or(o.Retention, retention)
	o.Coverage = cmp.Or(o.Coverage, "base")
	o.CloudID = cmp.Or(o.CloudID, "11111111-2222-4333-8444-555555555555")
	o.TokenLife = cmp.Or(o.TokenLife, time.Hour)
	o.Credentials = o.Credentials.withDefaults(o)
	return o
}
