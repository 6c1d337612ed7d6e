package window

import "fluent-bit-confluence/internal/timerange"

// Range and Narrowest have their former names for the tool until it uses those of timerange.
type Range = timerange.Range

// Narrowest is timerange.Resolution.
const Narrowest = timerange.Resolution
