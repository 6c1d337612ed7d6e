package simulate_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
)

func TestJiraRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Product: simulate.Jira, Records: 5})
	for _, query := range []string{"from=yesterday", "to=1700000000000", "from=2026-01-01T00:00:00.000+0000", "offset=-1", "limit=x"} {
		if g := s.get(t, jiraPath+"?"+query); g.status != http.StatusBadRequest || !isErrorCollection(g.body) {
			t.Errorf("%s: %d %s", query, g.status, g.body)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		if g := s.do(t, method, jiraPath, `{}`, s.signIn); g.status != http.StatusMethodNotAllowed || !isErrorCollection(g.body) {
			t.Errorf("%s: %d %s", method, g.status, g.body)
		}
	}
}

// isErrorCollection returns whether a body is an error as Jira writes it.
func isErrorCollection(body string) bool {
	var e struct {
		ErrorMessages []string
		Errors        map[string]string
	}
	return json.Unmarshal([]byte(body), &e) == nil && len(e.ErrorMessages) == 1 && e.Errors != nil
}

func TestWhoMayReadJira(t *testing.T) {
	t.Parallel()
	unscoped, scoped := basic("admin@example.com", "unscoped-token"), basic("admin@example.com", "scoped-jira-token")
	robot := basic("robot@serviceaccount.atlassian.com", "service-jira-token")
	ofConfluence := basic("admin@example.com", "scoped-token")
	for name, c := range map[string]struct {
		path   string
		signIn func(*http.Request)
		fault  simulate.FaultKind
		status int
		body   string // part of it
		header string // "Name: value"
	}{
		"site unscoped":               {jiraPath, unscoped, "", 200, `"records":[{"id":`, ""},
		"site scoped":                 {jiraPath, scoped, "", 401, `"errorMessages":`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site scoped for Confluence":  {jiraPath, ofConfluence, "", 401, `"errorMessages":`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site wrong":                  {jiraPath, basic("admin@example.com", "x"), "", 401, `"errorMessages":`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site wrong, 403":             {jiraPath, basic("admin@example.com", "x"), simulate.FaultRefuse403, 403, `"errorMessages":`, ""},
		"site wrong, empty":           {jiraPath, basic("admin@example.com", "x"), simulate.FaultRefuseEmpty, 200, `"total":0,"records":[]`, "X-Seraph-Loginreason: AUTHENTICATED_FAILED"},
		"site wrong, login page":      {jiraPath, basic("admin@example.com", "x"), simulate.FaultRefuseHTML, 401, `<title>Log in - Jira`, ""},
		"site nobody":                 {jiraPath, nobody, "", 401, `"errorMessages":`, "X-Seraph-Loginreason: "},
		"site unknown bearer":         {jiraPath, bearer("x"), "", 403, `Failed to parse Connect Session Auth Token`, ""},
		"site, Confluence's path":     {sitePath, unscoped, "", 404, `dead link`, ""},
		"gateway scoped":              {jiraGatewayPath, scoped, "", 200, `"records":[{"id":`, ""},
		"gateway version 2":           {strings.Replace(jiraGatewayPath, "/3/", "/2/", 1), scoped, "", 200, `"records":[{"id":`, ""},
		"gateway service account":     {jiraGatewayPath, robot, "", 200, `"records":[{"id":`, ""},
		"gateway bearer":              {jiraGatewayPath, bearer("service-jira-token"), "", 200, `"records":[{"id":`, ""},
		"gateway unscoped":            {jiraGatewayPath, unscoped, "", 401, `{"code":401,"message":"Unauthorized"}`, "X-Failure-Category: FAILURE_CLIENT_AUTH_MISMATCH"},
		"gateway nobody":              {jiraGatewayPath, nobody, "", 401, `{"code":401,"message":"Unauthorized"}`, "X-Failure-Category: FAILURE_CLIENT_AUTH_MISMATCH"},
		"gateway for Confluence":      {jiraGatewayPath, ofConfluence, "", 401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category: FAILURE_CLIENT_SCOPE_CHECK"},
		"gateway robot of Confluence": {jiraGatewayPath, bearer("service-token"), "", 401, `; scope does not match"}`, "X-Failure-Category: FAILURE_CLIENT_SCOPE_CHECK"},
		"gateway unknown cloud id":    {"/ex/jira/other" + jiraPath, scoped, "", 404, `{"code":404,`, ""},
		"gateway, Confluence's path":  {gatewayPath, scoped, "", 404, `{"code":404,`, ""},
		"not permitted":               {jiraPath, unscoped, simulate.FaultNotPermitted, 403, `not permitted to use Jira`, ""},
		"no administrator":            {jiraPath, unscoped, simulate.FaultNotAdmin, 403, `{"errorMessages":["You are not authorized to perform this action. Administrator privileges are required."],"errors":{}}`, ""},
		"free plan":                   {jiraPath, unscoped, simulate.FaultFreePlan, 403, `Free edition`, ""},
		"no Jira":                     {jiraPath, unscoped, simulate.FaultNotFound, 404, `dead link`, ""},
		"no Jira behind the gateway":  {jiraGatewayPath, scoped, simulate.FaultNotFound, 404, `{"code":404,`, ""},
		"scope":                       {jiraGatewayPath, scoped, simulate.FaultScope, 401, `scope does not match`, ""},
		"too many":                    {jiraPath, unscoped, simulate.FaultRateLimit, 429, ``, "Ratelimit-Reason: jira-burst-based"},
		"server error":                {jiraPath, unscoped, simulate.FaultServerError, 500, `"errorMessages":`, ""},
		"login page":                  {jiraPath, unscoped, simulate.FaultLoginPage, 200, `<title>Log in - Jira`, "Content-Type: text/html;charset=UTF-8"},
		"single sign-on":              {jiraPath, unscoped, simulate.FaultSSO, 302, ``, "Location: https://sso.example.net/login"},
		"deprecated":                  {jiraPath, unscoped, simulate.FaultDeprecated, 200, `"records":[{"id":`, "Deprecation: @1767225600"},
		"endless":                     {jiraPath + "?limit=2&offset=4", unscoped, simulate.FaultEndlessMoment, 200, `{"id":1099511627771,"created":"`, ""},
		"endless, untimed":            {jiraPath + "?limit=2", unscoped, simulate.FaultEndlessUntimed, 200, `"offset":0,"limit":2,"total":`, ""},
		"huge":                        {jiraPath, unscoped, simulate.FaultHuge, 200, `{"records":[{},`, ""},
		"nested":                      {jiraPath, unscoped, simulate.FaultDeepNesting, 200, `{"records":[[[[`, ""},
		"silent":                      {jiraPath + "?from=2020-01-01T00:00:00Z", unscoped, simulate.FaultSilent, 200, `"total":0,"records":[]`, ""},
		"first page again":            {jiraPath + "?offset=3", unscoped, simulate.FaultRepeatPage, 200, `{"offset":0,"limit":1000,"total":3,"records":[{`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := simulate.Options{Product: simulate.Jira, Records: 3}
			if c.fault != "" {
				o.Faults = []simulate.Fault{{Kind: c.fault}}
				if c.fault == simulate.FaultHuge || c.fault == simulate.FaultDeepNesting {
					o.Faults[0].Value = "100000"
				}
			}
			g := start(t, o).do(t, http.MethodGet, c.path, "", c.signIn)
			name, value, _ := strings.Cut(c.header, ": ")
			if g.status != c.status || !strings.Contains(g.body, c.body) || g.header.Get(name) != value {
				t.Errorf("%d %v %.300s", g.status, g.header, g.body)
			}
			if strings.HasPrefix(g.body, `{"errorMessages"`) && !isErrorCollection(g.body) {
				t.Errorf("no error of Jira: %s", g.body)
			}
		})
	}
}

func TestConfluenceKnowsTheTokensOfJira(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{})
	for _, signIn := range []func(*http.Request){basic("admin@example.com", "scoped-jira-token"), bearer("service-jira-token")} {
		g := s.do(t, http.MethodGet, gatewayPath, "", signIn)
		if g.status != 401 || g.header.Get("X-Failure-Category") != "FAILURE_CLIENT_SCOPE_CHECK" {
			t.Errorf("%d %s", g.status, g.body)
		}
	}
	if kind := s.Requests()[0].Credential; kind != "other-product-token" {
		t.Errorf("credential %q", kind)
	}
}
