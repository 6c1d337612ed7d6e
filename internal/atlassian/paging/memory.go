package paging

import (
	"bytes"
	"sync"

	"fluent-bit-confluence/internal/atlassian"
)

// memory is what one page is read into.
type memory struct {
	body    bytes.Buffer
	records []atlassian.Record
}

// Pages that are done with leave their memory to the next one of any client: a catch-up would
// otherwise make as much garbage as it reads, and hundreds of idle sites would each keep some. What
// is not used again, Go frees.
var memories = sync.Pool{New: func() any { return new(memory) }}

// maxKept is how large a body may be whose memory is kept, in bytes. The usual thousand records
// have less than one million.
const maxKept = 4 << 20

// Release leaves the page's memory to the next page: its records are gone.
func (p *Page) Release() {
	if m := p.memory; m != nil && m.body.Cap() <= maxKept {
		clear(p.records) // they hold on to bodies
		m.records = p.records[:0]
		m.body.Reset()
		memories.Put(m)
	}
	p.memory, p.records = nil, nil
}
