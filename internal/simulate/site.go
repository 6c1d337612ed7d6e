package simulate

import (
	"net/http"
	"strings"
)

// Site returns the server of a site that has both products, on one deployment. Both answer at their
// own paths: on Cloud /rest/ and /ex/jira/ are Jira's and all else is Confluence's, on Data Center
// the context paths decide. The client credentials of Confluence give access tokens for both.
// Requests about the simulation name the product, as in /_simulate/jira/records.
//
// Call it before the first request.
func Site(confluence, jira *Simulator) http.Handler {
	confluence.issuer.products = append(confluence.issuer.products, products[Jira])
	jira.issuer = confluence.issuer
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, controlPrefix):
			product, _, _ := strings.Cut(strings.TrimPrefix(path, controlPrefix), "/")
			switch product {
			case Confluence:
				confluence.ServeHTTP(w, r)
			case Jira:
				jira.ServeHTTP(w, r)
			default:
				http.Error(w, "say of which product, as in /_simulate/jira/records", http.StatusNotFound)
			}
		case jira.owns(path) && (!confluence.owns(path) || len(confluence.context) <= len(jira.context)):
			jira.ServeHTTP(w, r)
		default:
			confluence.ServeHTTP(w, r)
		}
	})
}

// owns returns whether a path of a site is the product's.
func (s *Simulator) owns(path string) bool {
	if s.options.Deployment == DataCenter {
		rest, inside := strings.CutPrefix(path, s.context)
		return inside && (rest == "" || rest[0] == '/')
	}
	return s.isJira() && (strings.HasPrefix(path, "/rest/") || strings.HasPrefix(path, "/ex/"+Jira+"/"))
}

// WithOrganization returns the server of a site and of the organization that it belongs to. The
// organization answers at /admin/, and at /_simulate/organization/.
func WithOrganization(site http.Handler, organization *Simulator) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isAdmin(r.URL.Path) || strings.HasPrefix(r.URL.Path, controlPrefix+Organization+"/") {
			organization.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}
