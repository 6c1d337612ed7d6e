package confluence

import "fluent-bit-confluence/internal/atlassian"

// Record is one entry of the audit log.
type Record = atlassian.Record

// Span is a range of time.
type Span = atlassian.Span
