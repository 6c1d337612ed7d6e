package site

import (
	"cmp"
	"fmt"
	"strings"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
)

// Product is what differs between the products whose audit log can be read. All paths begin with a
// slash; an empty one stands for nothing. An organization has names and remedies here too, but no
// paths: it is no site.
type Product struct {
	Name string // as messages name it: Confluence
	Key  string // as settings, manifests and addresses at the gateway name it: confluence
	// Path of Cloud's pages in a browser, such as /wiki. APIURL may end with it.
	Path string
	// Context tells that a Data Center often has that path too. Then it is left out of the address
	// of a known Cloud only.
	Context bool
	Root    string // path before the paths of Cloud's API

	Cloud     API
	Legacy    API     // of Data Center before Since
	Since     Version // first version of Data Center with the auditing API
	ByID      bool    // records of Cloud and of old servers have an id of the site's own
	Retention string  // path below that of the list, of a Cloud site or an old server

	Contexts []string // the usual context paths of a Data Center, "" among them
	Login    string   // path of the login page of a Data Center
	Self     Self

	Scopes string // the scopes that a token needs, with "the scope" before them
	Admin  string // who may read the audit log, with its article

	Absent atlassian.Cause // there is no such product at the address
	Closed atlassian.Cause // the account may not use the product
	// Remedies that differ from those of the table of causes.
	Remedies map[atlassian.Cause]string
}

// Remedy returns what to do about a cause.
func (p *Product) Remedy(row atlassian.CauseInfo) string {
	return cmp.Or(p.Remedies[row.Cause], row.Remedy)
}

// API is where a product lists its audit log, and in which format.
type API struct {
	Path   string // below the root
	Format paging.Format
}

// Self says how to ask a Data Center who we are.
type Self struct {
	Path      string
	Key, Name string // members of the answer: the id that authors of records have, and the user name
	Param     string // of an author's link, with the user name
}

// auditing is the path of the auditing API, the same on the Data Center of every product.
const auditing = "/rest/auditing/1.0"

// Version is a release of Data Center: major and minor.
type Version [2]int64

func (v Version) String() string { return fmt.Sprintf("%d.%d", v[0], v[1]) }

// reached reports whether a release is v or a later one.
func (v Version) reached(release string) bool {
	parts := strings.SplitN(release+".0", ".", 3)
	major, _ := atlassian.ParseDigits(parts[0])
	minor, _ := atlassian.ParseDigits(parts[1])
	return major > v[0] || major == v[0] && minor >= v[1]
}
