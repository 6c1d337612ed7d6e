package site

import (
	"context"
	"net/http"
	"strings"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/go-json-experiment/json/jsontext"
)

// coverage asks a Data Center what its audit log covers. It returns "full", or empty if that is
// unknown. An area below full coverage is an error.
func (c *Client) coverage(ctx context.Context, ep endpoint) (string, error) {
	if ep.site.API != apiAuditing {
		return "", nil
	}
	a, err := c.api.Get(ctx, ep.root+auditing+"/configuration/coverage", nil)
	if err != nil {
		return "", err
	}
	if a.Status != http.StatusOK || a.IsHTML() {
		return "", nil
	}
	var gaps []string
	areas, off := 0, 0
	_ = atlassian.EachMember(a.Body, func(name string, value jsontext.Value) {
		if name != "levelByArea" {
			return
		}
		_ = atlassian.EachMember(value, func(area string, value jsontext.Value) {
			level := strings.ToLower(atlassian.Unquote(value))
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
		return "", c.api.Fail(atlassian.CauseAuditOff, nil, "the audit log of %s is switched off", c.api.Host)
	case len(gaps) > 0:
		return "", c.api.Fail(atlassian.CauseCoverage, nil, "the audit log of %s leaves events out: %s", c.api.Host, c.api.Quote(strings.Join(gaps, ", "), 400))
	}
	return "full", nil
}
