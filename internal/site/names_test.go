package site_test

import (
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"
)

// Short names for the tests.
type (
	Client = site.Client
	Site   = site.Site
	Step   = site.Step
)

const (
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
