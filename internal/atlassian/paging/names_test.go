package paging_test

import (
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/site/sitetest"
)

// Short names for the tests.
type (
	Client = site.Client

	auditLog  = sitetest.AuditLog
	centerLog = sitetest.CenterLog
	kind      = sitetest.Kind
)

const known = sitetest.Known

var (
	Epoch = sitetest.Epoch
	kinds = sitetest.Kinds

	cloudClient  = sitetest.CloudClient
	centerClient = sitetest.CenterClient
	bubbledTo    = sitetest.BubbledTo
	simulated    = sitetest.Simulated

	readAll    = sitetest.ReadAll
	readWindow = sitetest.ReadWindow
	expected   = sitetest.Expected
	compare    = sitetest.Compare

	auditRecord     = sitetest.AuditRecord
	auditRecords    = sitetest.AuditRecords
	auditRecordTime = sitetest.AuditRecordTime
	centerRecord    = sitetest.CenterRecord
)
