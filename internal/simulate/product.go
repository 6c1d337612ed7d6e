package simulate

// The logs that a Simulator can play: those of two products, and that of the organization.
const (
	Confluence   = "confluence"
	Jira         = "jira"
	Organization = "organization"
)

// product is what the servers of a product call themselves, and what a token needs for them.
type product struct {
	title         string
	center        string   // base URL of a Data Center without SiteURL
	scopes        []string // of an access token
	scopedToken   string   // defaults of the credentials that have scopes
	serviceToken  string
	version       string // of Data Center
	legacyVersion string // of Data Center before the audit log app
}

var products = map[string]product{
	Confluence: {
		title: "Confluence", center: "https://confluence.example.com",
		scopes:      []string{"read:audit-log:confluence"},
		scopedToken: "scoped-token", serviceToken: "service-token",
		version: "9.2.4", legacyVersion: "7.4.18",
	},
	Jira: {
		title: "Jira", center: "https://jira.example.com",
		scopes:      []string{"read:audit-log:jira", "read:user:jira"},
		scopedToken: "scoped-jira-token", serviceToken: "service-jira-token",
		version: "9.12.15", legacyVersion: "8.5.19",
	},
	Organization: {title: "organization"},
}

func (s *Simulator) product() product { return products[s.options.Product] }

func (s *Simulator) isJira() bool { return s.options.Product == Jira }

func (s *Simulator) isOrganization() bool { return s.options.Product == Organization }

// other returns the product that a site may have beside this one.
func (o Options) other() product {
	if o.Product == Jira {
		return products[Confluence]
	}
	return products[Jira]
}

// listsRecords reports whether the log is Jira's /auditing/record: on Cloud, and on old servers.
func (o Options) listsRecords() bool {
	return o.Product == Jira && (o.Deployment == Cloud || o.Legacy)
}
