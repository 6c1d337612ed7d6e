package window

import "fluent-bit-confluence/internal/timerange"

// Range and Narrowest have their former names for the tool until it uses those of timerange.
type Range = timerange.Range

// Narrowest is timerange.Resolution.
const Narrowest = timerange.Resolution

// Ahead, AheadOptions and NewAhead are the former names of a ReadAhead.
type (
	Ahead        = ReadAhead
	AheadOptions = ReadAheadOptions
)

// NewAhead is NewReadAhead.
func NewAhead(reader *Reader, o AheadOptions) *Ahead { return NewReadAhead(reader, o) }
