package simulation

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/simulate"
)

// bothProducts is a site with Confluence and Jira, allLogs has the log of its organization too.
const (
	bothProducts = "both"
	allLogs      = "all"
)

// simulations are what the simulated site can have.
var simulations = []string{simulate.Confluence, simulate.Jira, simulate.Organization, bothProducts, allLogs}

// Log is one product of the simulated site, or its organization.
type Log struct {
	simulate.Options
	Simulator *simulate.Simulator
}

// Play returns what of the site the options ask for, and its server.
func Play(o simulate.Options) ([]Log, http.Handler) {
	play := func(product, context string) Log {
		o := o
		o.Product, o.ContextPath = product, context
		if !recordsAttack(o) { // another log does
			o.Attack = ""
		}
		return Log{o, simulate.New(o)}
	}
	if o.Product != bothProducts && o.Product != allLogs {
		one := play(o.Product, o.ContextPath)
		return []Log{one}, one.Simulator
	}
	paths := [2]string{}
	if o.Deployment == simulate.DataCenter {
		paths = [2]string{"/confluence", "/jira"}
	}
	wiki, jira := play(simulate.Confluence, paths[0]), play(simulate.Jira, paths[1])
	site := simulate.Site(wiki.Simulator, jira.Simulator)
	if o.Product == bothProducts {
		return []Log{wiki, jira}, site
	}
	org := play(simulate.Organization, "")
	return []Log{wiki, jira, org}, simulate.WithOrganization(site, org.Simulator)
}

func (p Log) title() string { return config.Product(p.Product).Name }

// setting is a key of an input, and what to set it to.
type setting struct{ key, value string }

// settings returns the keys that say where the product is and how to sign in, and those that can
// take the place of the credential.
func (p Log) settings(url string) (needed, other []setting) {
	cred := p.Simulator.Credentials()
	if p.Product != simulate.Confluence {
		needed = append(needed, setting{"product", p.Product})
	}
	needed = append(needed, setting{"api_url", url + p.ContextPath})
	if p.Product == simulate.Organization {
		return append(needed, setting{"org_id", p.Simulator.OrgID()}, setting{"api_key", cred.APIKey}), []setting{{"api_key", cred.WideKey + ", of the administrator"}}
	}
	if p.Deployment == simulate.DataCenter {
		return append(needed, setting{"personal_access_token", cred.PersonalAccessToken}),
			[]setting{{"user_identifier", cred.User}, {"api_token", cred.Password}}
	}
	return append(needed, setting{"gateway_url", url}, setting{"user_identifier", cred.User}, setting{"api_token", cred.Token}),
		[]setting{{"api_token", cred.ScopedToken + ", at the gateway"}, {"client_id", cred.ClientID}, {"client_secret", cred.ClientSecret}, {"token_url", url + "/oauth/token"}}
}

// introduce prints the address, the settings of an input for each product, and a command line to
// begin with.
func introduce(w io.Writer, site []Log, url string) {
	address, titles := url+site[0].ContextPath, []string{}
	for _, p := range site {
		titles = append(titles, p.title())
	}
	if len(site) > 1 {
		address = url
	}
	fmt.Fprintf(w, "%s answers as %s (%s) until Ctrl-C\n", address, inWords(titles), site[0].Deployment)
	inputs, match := "", ""
	for _, p := range site {
		needed, other := p.settings(url)
		fmt.Fprintln(w)
		if len(site) > 1 {
			fmt.Fprintf(w, "%s:\n", p.title())
			match = " -m '*'"
		}
		inputs += " -i confluence"
		for _, s := range needed {
			fmt.Fprintf(w, "  %-21s  %s\n", s.key, s.value)
			inputs += fmt.Sprintf(" -p %s=%s", s.key, s.value)
		}
		inputs += " -p poll_interval=5s"
		for _, s := range other {
			fmt.Fprintf(w, "  %-21s  %s\n", s.key, s.value)
		}
	}
	fmt.Fprintf(w, "\nfluent-bit -e build/in_confluence.so%s -o stdout%s\n", inputs, match)
}

// inWords joins names, as in a, b and c.
func inWords(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
