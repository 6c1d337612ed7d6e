package action

// collector is what the input says about itself with health_records; the texts are those of package collect.
var collector = []Action{
	{"collector.started", Run, Job, Informational, texts{"Collector started"}, nil},
	{"collector.heartbeat", Read, Job, Informational, texts{"Collector heartbeat"}, nil},
	{"collector.access.lost", Disable, AuditLog, High, texts{"Collector access lost"}, nil},
	{"collector.access.regained", Enable, AuditLog, Informational, texts{"Collector access regained"}, nil},
	{"collector.rate.limited", Disable, AuditLog, Low, texts{"Collector rate limited"}, nil},
	{"collector.gap.found", Delete, AuditLog, High, texts{"Collector gap found"}, nil},
	{"collector.site.quiet", Read, AuditLog, Informational, texts{"Collector site quiet"}, nil},
	{"collector.log.empty", Read, AuditLog, Medium, texts{"Collector log empty"}, nil},
	{"collector.token.expires", Update, AuditLog, Medium, texts{"Collector token expires"}, nil},
	{"collector.api.deprecated", Update, AuditLog, Medium, texts{"Collector API deprecated"}, nil},
}
