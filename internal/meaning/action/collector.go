package action

// collector holds the rows of the health records, by which the input reports about itself. The
// texts are those of package collect.
var collector = []Action{
	{"collector.started", Run, Job, health, texts{"Collector started"}, nil},
	{"collector.heartbeat", Read, Job, health, texts{"Collector heartbeat"}, nil},
	{"collector.access.lost", Disable, AuditLog, blinds, texts{"Collector access lost"}, nil},
	{"collector.access.regained", Enable, AuditLog, health, texts{"Collector access regained"}, nil},
	{"collector.rate.limited", Disable, AuditLog, slowed, texts{"Collector rate limited"}, nil},
	{"collector.gap.found", Delete, AuditLog, blinds, texts{"Collector gap found"}, nil},
	{"collector.site.quiet", Read, AuditLog, health, texts{"Collector site quiet"}, nil},
	{"collector.log.empty", Read, AuditLog, watchesLess, texts{"Collector log empty"}, nil},
	{"collector.token.expires", Update, AuditLog, watchesLess, texts{"Collector token expires"}, nil},
	{"collector.api.deprecated", Update, AuditLog, watchesLess, texts{"Collector API deprecated"}, nil},
}
