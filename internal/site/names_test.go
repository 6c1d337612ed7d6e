package site_test

import (
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/site/sitetest"
)

// Short names for the tests.
type (
	Client = site.Client
	Site   = site.Site
	Step   = site.Step

	auditLog  = sitetest.AuditLog
	centerLog = sitetest.CenterLog
	kind      = sitetest.Kind
)

var (
	Epoch = sitetest.Epoch
	kinds = sitetest.Kinds

	serve        = sitetest.Serve
	cloudClient  = sitetest.CloudClient
	centerClient = sitetest.CenterClient
	bubbledTo    = sitetest.BubbledTo
	simulated    = sitetest.Simulated

	readAll    = sitetest.ReadAll
	readWindow = sitetest.ReadWindow
	expected   = sitetest.Expected
	compare    = sitetest.Compare

	auditRecord  = sitetest.AuditRecord
	auditRecords = sitetest.AuditRecords
	centerRecord = sitetest.CenterRecord
)

const (
	testUser  = sitetest.User
	testToken = sitetest.Token
	known     = sitetest.Known

	StepRoute    = site.StepRoute
	StepCoverage = site.StepCoverage
	StepClock    = site.StepClock

	day          = 24 * time.Hour
	tenantPath   = "/_edge/tenant_info"
	searchAction = "atlassian.audit.event.action.audit.search"
)

// asError returns err as a refusal, an empty one if it is of another kind.
func asError(err error) *atlassian.Error {
	if e, ok := errors.AsType[*atlassian.Error](err); ok {
		return e
	}
	return &atlassian.Error{}
}
