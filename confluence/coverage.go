package confluence

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// coverage asks a Data Center what its audit log covers and describes it; an
// area below full coverage is an error. Empty means that it does not tell.
func (c *Client) coverage(ctx context.Context, ep endpoint) (string, error) {
	if ep.site.API != apiAuditing {
		return "", nil
	}
	a, err := c.get(ctx, ep.root+"/rest/auditing/1.0/configuration/coverage", nil)
	if err != nil {
		return "", err
	}
	if a.status != http.StatusOK || a.isHTML() {
		return "", nil
	}
	var gaps []string
	areas, off := 0, 0
	_ = eachMember(a.body, func(name string, value jsontext.Value) {
		if name != "levelByArea" {
			return
		}
		_ = eachMember(value, func(area string, value jsontext.Value) {
			level := strings.ToLower(unquote(value))
			areas++
			if level == "off" {
				off++
			}
			if level != "full" {
				gaps = append(gaps, area+" "+level)
			}
		})
	})
	switch {
	case areas == 0:
		return "", nil
	case off == areas:
		return "", fail(CauseAuditOff, nil, "the audit log of %s is switched off", c.host)
	case len(gaps) > 0:
		return "", fail(CauseCoverage, nil, "the audit log of %s leaves events out: %s", c.host, c.quote(strings.Join(gaps, ", "), 400))
	}
	return "full", nil
}
