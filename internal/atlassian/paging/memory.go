package paging

import (
	"bytes"
	"sync"

	"fluent-bit-confluence/internal/atlassian"
)

// memory is the memory of one page.
type memory struct {
	body    bytes.Buffer
	records []atlassian.Record
}

// Released pages leave their memory to the next page of any client. Otherwise a catch-up would make
// as much garbage as it reads, and hundreds of idle sites would each keep memory. The garbage
// collector frees what is not used again.
var memories = sync.Pool{New: func() any { return new(memory) }}

// maxKept is the size of the largest body whose memory is kept, in bytes. A usual page of a
// thousand records has less than one million.
const maxKept = 4 << 20

// Release leaves the page's memory to the next page. Its records must not be used after that.
func (p *Page) Release() {
	if m := p.memory; m != nil && m.body.Cap() <= maxKept {
		clear(p.records) // they refer to bodies
		m.records = p.records[:0]
		m.body.Reset()
		memories.Put(m)
	}
	p.memory, p.records = nil, nil
}
